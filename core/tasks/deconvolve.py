"""deconvolve: train on mixtures of reference cells, calibrate on cells held out, then take the bulk samples apart."""

from __future__ import annotations

from typing import cast

from core.data.cohorts import Cohorts
from core.data.dataset import Dataset
from core.data.validate import shared_findings
from core.errors import DataError
from core.runs.run import Run
from core.specs import DeconvolveSpec, RunSpec
from core.tasks.load import bulk_cohorts, inputs, labelled, present, references_apart, tell
from core.tasks.mixture_model import learned_from
from core.tasks.outputs import training_facts, write_summary
from core.tasks.progress import Progress
from core.tasks.take_apart import take_apart, write_held_out


def perform(run: Run, progress: Progress) -> None:
    """Write model, composition.csv, intervals.csv, test_metrics.csv, what other methods say, and results.h5ad."""
    references, fingerprints = _references(run.spec, progress)
    bulk = bulk_cohorts(run.spec.data, progress, references[0])
    tell(shared_findings(references[0], bulk.joined), progress)
    model = learned_from(references, bulk, run, progress)
    model.save(run.model_path)
    write_summary(
        run,
        fingerprints | bulk_fingerprint(bulk),
        **write_held_out(model, run),
        **take_apart(model, bulk, run, progress),
        **training_facts(run) | {"networks": model.n_networks},
    )


def bulk_fingerprint(bulk: Cohorts) -> dict[str, str]:
    """Hashes of the bulk files, for the summary."""
    return {"bulk": bulk.joined.fingerprint}


def _references(spec: RunSpec, progress: Progress) -> tuple[tuple[Dataset, ...], dict[str, str]]:
    """The references to train on, one by one or joined, and the fingerprints of their files."""
    analysis = cast("DeconvolveSpec", spec.analysis)
    if analysis.each_reference and spec.data.more_references:
        references = references_apart(spec.data, progress)
    else:
        references = (present(inputs(spec, progress, "reference").reference),)
    for reference in references:
        if labelled(reference).unit != "counts":
            raise DataError("Mixtures are made of raw counts", reference.unit, "Use a reference that holds raw counts")
    return references, {"reference": "+".join(each.fingerprint for each in references)}
