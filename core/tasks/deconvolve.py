"""deconvolve: train on mixtures of reference cells, calibrate on cells held out, then take the bulk samples apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.composition.agreement import agreement, long_table, mean_type_r
from core.composition.deconvolve import ADVISE_MISSING, Calibration, Composition, calibrate, compose
from core.composition.inputs import bulk_input, bulk_values
from core.composition.intervals import coverage
from core.composition.linear import constant, least_squares, multinomial, weighted_least_squares
from core.composition.plan import EVEN_MIXTURES, Plan, Samples
from core.composition.plan import prepare as plan_of
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
from core.tasks.load import gene_sets, inputs, labelled, present, tell
from core.tasks.members import train_members
from core.tasks.outputs import training_facts, write_cells, write_summary
from core.tasks.prepare import numbered
from core.tasks.progress import Progress
from core.tasks.truth import measured, scores
from core.tasks.watched import watched_mixtures
from core.training.batches import ArrayBatches
from core.training.predict import outputs


def perform(run: Run, progress: Progress) -> None:
    """Write model, composition.csv, intervals.csv, test_metrics.csv, what other methods say, and results.h5ad."""
    spec = run.spec
    data = inputs(spec, progress, "reference", "bulk")
    reference, bulk = labelled(present(data.reference)), present(data.bulk)
    if reference.unit != "counts":
        raise DataError("Mixtures are made of raw counts", reference.unit, "Use a reference that holds raw counts")
    tell(shared_findings(reference, bulk), progress)
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
    networks = _trained(plan, spec, layer, progress)
    progress.phase("Calibrating on held-out mixtures")
    held = plan.calibration()
    calibration = calibrate(
        _members(networks, plan.to_input(held.values)),
        plan.linear_values(held.values),
        held.proportions,
        plan.signature,
        linear=analysis.linear_member,
        level=analysis.level,
    )
    frequencies = np.bincount(codes, minlength=len(classes)) / len(codes)
    learned = {"calibration": calibration.to_dict(), "signature": plan.signature.to_dict(), "frequencies": frequencies}
    learned |= learned_of(layer)
    model = TrainedModel(spec, networks, features, plan.transform, classes, learned)
    model.save(run.model_path)
    test, _ = _told(plan, plan.testing(), networks, calibration)
    write_table(agreement(test), "test_metrics", run.directory)
    write_table(test, "test_mixtures", run.directory)
    even, inside = _told(plan, plan.even(), networks, calibration)
    write_table(agreement(even), "even_metrics", run.directory)
    found = take_apart(model, bulk, run, progress)
    write_summary(
        run,
        data.fingerprints(),
        samples=bulk.n_cells,
        genes=len(features.genes),
        classes=list(classes),
        held_out=_facts(test) | {"mixtures": plan.n_test},
        even=_facts(even) | {"mixtures": EVEN_MIXTURES, "coverage": inside, "level": analysis.level},
        **found,
        **training_facts(run),
    )


def take_apart(model: TrainedModel, bulk: Dataset, run: Run, progress: Progress) -> dict[str, Any]:
    """Compose ``bulk`` with a trained model, write the tables and results.h5ad, return facts for the summary."""
    analysis = cast("DeconvolveSpec", model.spec.analysis)
    progress.phase("Taking the bulk samples apart")
    samples = align(bulk, model.genes)
    if samples.missing:
        advice = (
            " Train again with this bulk file, so that genes are chosen among those it has."
            if samples.missing_share > ADVISE_MISSING
            else ""
        )
        progress.note(
            f"The bulk file lacks {len(samples.missing):,} of {len(model.genes):,} genes; the mean of the training "
            f"mixtures stands in.{advice if samples.missing_share > ADVISE_MISSING else ''}"
        )
    calibration = Calibration.from_dict(model.learned["calibration"])
    signature = Signature.from_dict(model.learned["signature"])
    values = bulk_values(samples)
    x = bulk_input(samples, model.transform, cohort=analysis.scaling == "cohort")
    found = compose(_members(model.networks, x), values, signature, calibration, linear=analysis.linear_member)
    names = [str(name) for name in bulk.adata.obs_names]
    table = found.table(names, model.classes)
    write_table(table.reset_index(), "composition", run.directory)
    intervals = found.interval_table(names, model.classes, analysis.level)
    write_table(intervals, "intervals", run.directory)
    write_table(intervals.filter(["sample", "cell_type", "spread"]), "spread", run.directory)
    write_table(found.sample_table(names).reset_index(), "samples", run.directory)
    methods = _methods(found, samples, values, signature, model, names)
    write_table(methods, "methods", run.directory)
    flagged = int((found.sample_table(names)["flagged"]).sum())
    if flagged:
        progress.note(
            f"{flagged} of {len(names)} samples look like nothing the reference can mix; read them with care."
        )
    progress.phase("Writing the results")
    write_cells(run, bulk, composition=table)
    facts: dict[str, Any] = {"missing_genes": len(samples.missing), "flagged": flagged}
    if model.spec.data.truth:
        truth = measured(model.spec.data.truth, names)
        facts["measured"] = scores(run, truth, methods)
    return facts


def _trained(plan: Plan, spec: RunSpec, layer: GeneSetLayer | None, progress: Progress) -> tuple[Network, ...]:
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
        watched=watched_mixtures(plan, spec),
        mask=layer.mask if layer else None,
    )


def _batches(plan: Plan, samples: Samples) -> ArrayBatches:
    return ArrayBatches(plan.to_input(samples.values), proportions=samples.proportions)


def _members(networks: tuple[Network, ...], x: np.ndarray) -> np.ndarray:
    return np.stack([outputs(network, x, names={"proportions"})["proportions"] for network in networks])


def _told(
    plan: Plan, samples: Samples, networks: tuple[Network, ...], calibration: Calibration
) -> tuple[pd.DataFrame, float]:
    """The long table of simulated mixtures, true and predicted, and the share of true values within the intervals."""
    found = compose(
        _members(networks, plan.to_input(samples.values)),
        plan.linear_values(samples.values),
        plan.signature,
        calibration,
        linear=plan.spec.linear_member,
    )
    names = [f"mixture {number + 1}" for number in range(len(samples.values))]
    truth = pd.DataFrame(samples.proportions, index=pd.Index(names, name="sample"), columns=pd.Index(plan.labels))
    inside = coverage(found.low, found.high, samples.proportions)
    return long_table(truth, found.table(names, plan.labels)), float(inside.mean())


def _facts(table: pd.DataFrame) -> dict[str, Any]:
    return {"CCC": float(agreement(table)["CCC"].iloc[0]), "type_r": mean_type_r(table)}


def _methods(
    found: Composition,
    samples: Aligned,
    values: np.ndarray,
    signature: Signature,
    model: TrainedModel,
    names: list[str],
) -> pd.DataFrame:
    """What simple methods say about the same samples: method, sample, cell_type, proportion."""
    present = samples.present
    measured_only = replace(signature, profiles=signature.profiles[present])
    known = values[:, present]
    answers = {
        "network": found.proportions,
        "weighted_nnls": weighted_least_squares(values, signature),
        "nnls": least_squares(known, measured_only),
        "multinomial": multinomial(known, measured_only),
        "reference_frequencies": constant(len(names), model.learned["frequencies"]),
    }
    parts = [
        pd.DataFrame(shares, index=pd.Index(names, name="sample"), columns=pd.Index(model.classes))
        .reset_index()
        .melt(id_vars="sample", var_name="cell_type", value_name="proportion")
        .assign(method=method)
        for method, shares in answers.items()
    ]
    columns = ["method", "sample", "cell_type", "proportion"]
    return cast("pd.DataFrame", pd.concat(parts, ignore_index=True)[columns])
