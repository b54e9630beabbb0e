"""deconvolve: train on mixtures of reference cells, calibrate on cells held out, then take the bulk samples apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.composition.agreement import agreement, long_table, mean_type_r
from core.composition.deconvolve import ADVISE_MISSING, Calibration, Composition, calibrate, compose, sized_by_fit
from core.composition.inputs import bulk_input, bulk_values
from core.composition.intervals import coverage
from core.composition.linear import constant, least_squares, multinomial, weighted_least_squares
from core.composition.plan import EVEN_MIXTURES, Plan, Samples
from core.composition.plan import prepare as plan_of
from core.composition.references import all_labels, mean_shares, together
from core.composition.signature import Signature
from core.data.align import Aligned, align
from core.data.dataset import Dataset
from core.data.features import select
from core.data.validate import shared_findings
from core.errors import DataError
from core.export.tables import write_table
from core.model import TrainedModel
from core.networks.network import Network
from core.runs.run import Run
from core.specs import DeconvolveSpec, RunSpec
from core.tasks.gene_set_layer import GeneSetLayer, learned_of, with_gene_sets
from core.tasks.load import gene_sets, inputs, labelled, present, references_apart, tell
from core.tasks.members import train_members
from core.tasks.outputs import training_facts, write_cells, write_summary
from core.tasks.prepare import numbered
from core.tasks.progress import Progress
from core.tasks.truth import measured, scores
from core.tasks.watched import watched_mixtures
from core.training.batches import ArrayBatches
from core.training.predict import outputs


@dataclass(frozen=True)
class Trained:
    """What one reference gave: ``model``, the cells' ``plan`` and what the model says of mixtures of unseen cells.

    ``test`` and ``even``: long tables of true and predicted proportions; ``inside``: share of the true values of
    ``even`` within the intervals.
    """

    model: TrainedModel
    plan: Plan
    test: pd.DataFrame
    even: pd.DataFrame
    inside: float


def perform(run: Run, progress: Progress) -> None:
    """Write model, composition.csv, intervals.csv, test_metrics.csv, what other methods say, and results.h5ad."""
    level = cast("DeconvolveSpec", run.spec.analysis).level
    references, bulk, fingerprints = _read(run.spec, progress)
    tell(shared_findings(references[0], bulk), progress)
    # the first reference comes last: its networks are the run's own, after which a run that only trains ends
    others = [_learned(each, bulk, run, progress, f"reference {n + 2}") for n, each in enumerate(references[1:])]
    trained = [_learned(references[0], bulk, run, progress), *others]
    for number, each in enumerate(trained, start=1):
        each.model.save(run.model_path if number == 1 else run.directory / f"model_{number}.safetensors")
    test = pd.concat([each.test for each in trained], ignore_index=True)
    even = pd.concat([each.even for each in trained], ignore_index=True)
    write_table(agreement(test), "test_metrics", run.directory)
    write_table(test, "test_mixtures", run.directory)
    write_table(agreement(even), "even_metrics", run.directory)
    write_table(even, "even_mixtures", run.directory)
    inside = float(np.mean([each.inside for each in trained]))
    models = [each.model for each in trained]
    found = take_apart(models, bulk, run, progress)
    write_summary(
        run,
        fingerprints,
        samples=bulk.n_cells,
        genes=len({gene for model in models for gene in model.genes}),
        classes=list(all_labels([model.classes for model in models])),
        held_out=_facts(test) | {"mixtures": sum(each.plan.n_test for each in trained)},
        even=_facts(even) | {"mixtures": EVEN_MIXTURES * len(trained), "coverage": inside, "level": level},
        **found,
        **training_facts(run),
    )


def take_apart(models: Sequence[TrainedModel], bulk: Dataset, run: Run, progress: Progress) -> dict[str, Any]:
    """Compose ``bulk`` with the model of each reference, write the tables and results.h5ad, return the summary's facts.

    The first model is the run's own.
    """
    spec = models[0].spec
    analysis = cast("DeconvolveSpec", spec.analysis)
    progress.phase("Taking the bulk samples apart")
    names = [str(name) for name in bulk.adata.obs_names]
    classes = [model.classes for model in models]
    aligned = [align(bulk, model.genes) for model in models]
    for model, samples in zip(models, aligned, strict=True):
        _tell_missing(samples, len(model.genes), progress)
    each = [_composed(model, samples) for model, samples in zip(models, aligned, strict=True)]
    found, labels = together(each, classes), all_labels(classes)
    table = found.table(names, labels)
    write_table(table.reset_index(), "composition", run.directory)
    intervals = found.interval_table(names, labels, analysis.level)
    write_table(intervals, "intervals", run.directory)
    write_table(intervals.filter(["sample", "cell_type", "spread"]), "spread", run.directory)
    per_sample = found.sample_table(names)
    write_table(per_sample.reset_index(), "samples", run.directory)
    methods = _methods(found, models, aligned, names)
    write_table(methods, "methods", run.directory)
    flagged = int(per_sample["flagged"].sum())
    if flagged:
        progress.note(
            f"{flagged} of {len(names)} samples look like nothing the reference can mix; read them with care."
        )
    progress.phase("Writing the results")
    write_cells(run, bulk, composition=table)
    facts: dict[str, Any] = {"missing_genes": max(len(samples.missing) for samples in aligned), "flagged": flagged}
    if spec.data.truth:
        truth = measured(spec.data.truth, names)
        facts["measured"] = scores(run, truth, methods)
    return facts


def _read(spec: RunSpec, progress: Progress) -> tuple[tuple[Dataset, ...], Dataset, dict[str, str]]:
    """The references to train on, one by one or joined, the bulk samples, and the fingerprints of all."""
    analysis = cast("DeconvolveSpec", spec.analysis)
    if analysis.each_reference and spec.data.more_references:
        data = inputs(spec, progress, "bulk")
        references = references_apart(spec.data, progress)
        own = {"reference": "+".join(each.fingerprint for each in references)}
    else:
        data = inputs(spec, progress, "reference", "bulk")
        references, own = (present(data.reference),), {}
    for reference in references:
        if labelled(reference).unit != "counts":
            raise DataError("Mixtures are made of raw counts", reference.unit, "Use a reference that holds raw counts")
    return references, present(data.bulk), own | data.fingerprints()


def _learned(reference: Dataset, bulk: Dataset, run: Run, progress: Progress, stage: str = "") -> Trained:
    """Genes, networks, signature and calibration from one reference."""
    spec = run.spec
    progress.phase("Choosing genes")
    sets = gene_sets(spec.data)
    features = select(reference, spec.features, bulk=bulk, gene_sets=sets)
    spec, layer = with_gene_sets(spec, sets, features.genes, run.directory)
    analysis = cast("DeconvolveSpec", spec.analysis)
    codes, classes = numbered(reference)
    cells = align(reference, features.genes)
    progress.phase("Planning mixtures")
    plan = plan_of(
        cells.values,
        codes,
        classes,
        features.genes,
        analysis,
        spec.data.transform,
        seed=spec.seed,
        library=cells.library,
    )
    networks = _trained(plan, spec, layer, progress, stage)
    progress.phase("Calibrating on held-out mixtures")
    calibration = _calibrated(plan, networks)
    frequencies = np.bincount(codes, minlength=len(classes)) / len(codes)
    learned = {"calibration": calibration.to_dict(), "signature": plan.signature.to_dict(), "frequencies": frequencies}
    learned |= learned_of(layer)
    model = TrainedModel(spec, networks, features, plan.transform, classes, learned)
    test, _ = _told(plan, plan.testing(), networks, calibration, stage)
    even, inside = _told(plan, plan.even(), networks, calibration, stage)
    return Trained(model, plan, test, even, inside)


def _calibrated(plan: Plan, networks: tuple[Network, ...]) -> Calibration:
    analysis, held = plan.spec, plan.calibration()
    calibration = calibrate(
        _members(networks, plan.to_input(held.values)),
        plan.linear_values(held.values),
        held.proportions,
        plan.signature,
        linear=analysis.linear_member,
        level=analysis.level,
    )
    if analysis.intervals == "alike":
        return calibration
    graded = plan.graded()
    return sized_by_fit(
        calibration,
        _members(networks, plan.to_input(graded.values)),
        plan.linear_values(graded.values),
        graded.proportions,
        plan.signature,
        linear=analysis.linear_member,
    )


def _composed(model: TrainedModel, samples: Aligned) -> Composition:
    analysis = cast("DeconvolveSpec", model.spec.analysis)
    x = bulk_input(samples, model.transform, cohort=analysis.scaling == "cohort")
    calibration = Calibration.from_dict(model.learned["calibration"])
    signature = Signature.from_dict(model.learned["signature"])
    members = _members(model.networks, x)
    return compose(members, bulk_values(samples), signature, calibration, linear=analysis.linear_member)


def _tell_missing(samples: Aligned, n_genes: int, progress: Progress) -> None:
    if not samples.missing:
        return
    advice = (
        " Train again with this bulk file, so that genes are chosen among those it has."
        if samples.missing_share > ADVISE_MISSING
        else ""
    )
    progress.note(
        f"The bulk file lacks {len(samples.missing):,} of {n_genes:,} genes; the mean of the training "
        f"mixtures stands in.{advice}"
    )


def _trained(
    plan: Plan, spec: RunSpec, layer: GeneSetLayer | None, progress: Progress, stage: str
) -> tuple[Network, ...]:
    analysis = cast("DeconvolveSpec", spec.analysis)
    share = spec.training.validation_share
    validation = _batches(plan, plan.monitoring(share)) if share > 0 else None
    fixed = None if analysis.fresh else _batches(plan, plan.training())
    return train_members(
        spec,
        progress,
        fixed if fixed is not None else plan.fresh,
        validation,
        plan.transform.n_inputs,
        len(plan.labels),
        stage=stage,
        watched=None if stage else watched_mixtures(plan, spec),
        mask=layer.mask if layer else None,
    )


def _batches(plan: Plan, samples: Samples) -> ArrayBatches:
    return ArrayBatches(plan.to_input(samples.values), proportions=samples.proportions)


def _members(networks: tuple[Network, ...], x: np.ndarray) -> np.ndarray:
    return np.stack([outputs(network, x, names={"proportions"})["proportions"] for network in networks])


def _told(
    plan: Plan, samples: Samples, networks: tuple[Network, ...], calibration: Calibration, stage: str
) -> tuple[pd.DataFrame, float]:
    """The long table of simulated mixtures, true and predicted, and the share of true values within the intervals."""
    found = compose(
        _members(networks, plan.to_input(samples.values)),
        plan.linear_values(samples.values),
        plan.signature,
        calibration,
        linear=plan.spec.linear_member,
    )
    names = [f"{stage} mixture {number + 1}".lstrip() for number in range(len(samples.values))]
    truth = pd.DataFrame(samples.proportions, index=pd.Index(names, name="sample"), columns=pd.Index(plan.labels))
    inside = coverage(found.low, found.high, samples.proportions)
    return long_table(truth, found.table(names, plan.labels)), float(inside.mean())


def _facts(table: pd.DataFrame) -> dict[str, Any]:
    return {"CCC": float(agreement(table)["CCC"].iloc[0]), "type_r": mean_type_r(table)}


def _methods(
    found: Composition, models: Sequence[TrainedModel], aligned: Sequence[Aligned], names: list[str]
) -> pd.DataFrame:
    """What simple methods say about the same samples: method, sample, cell_type, proportion."""
    classes = [model.classes for model in models]
    each = [_answers(model, samples) for model, samples in zip(models, aligned, strict=True)]
    simple = {name: mean_shares([answers[name] for answers in each], classes) for name in each[0]}
    parts = [
        pd.DataFrame(shares, index=pd.Index(names, name="sample"), columns=pd.Index(all_labels(classes)))
        .reset_index()
        .melt(id_vars="sample", var_name="cell_type", value_name="proportion")
        .assign(method=method)
        for method, shares in {"network": found.proportions, **simple}.items()
    ]
    columns = ["method", "sample", "cell_type", "proportion"]
    return cast("pd.DataFrame", pd.concat(parts, ignore_index=True)[columns])


def _answers(model: TrainedModel, samples: Aligned) -> dict[str, np.ndarray]:
    """(n_samples, n_types) by each simple method."""
    signature = Signature.from_dict(model.learned["signature"])
    values, present = bulk_values(samples), samples.present
    measured_only = replace(signature, profiles=signature.profiles[present])
    return {
        "weighted_nnls": weighted_least_squares(values, signature),
        "nnls": least_squares(values[:, present], measured_only),
        "multinomial": multinomial(values[:, present], measured_only),
        "reference_frequencies": constant(len(values), model.learned["frequencies"]),
    }
