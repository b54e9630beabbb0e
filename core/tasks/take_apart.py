"""Take bulk samples apart with a model, and write what was found beside what was measured of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.composition.agreement import agreement, mean_type_r
from core.composition.deconvolve import ADVISE_MISSING, Calibration, Composition, compose
from core.composition.held_out import HeldOut
from core.composition.inputs import bulk_input, bulk_values
from core.composition.linear import constant, least_squares, multinomial, weighted_least_squares
from core.composition.references import all_labels, mean_shares, together
from core.composition.signature import Signature
from core.data.align import Aligned, align
from core.data.cohorts import Cohorts
from core.data.dataset import Dataset
from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import DeconvolveSpec
from core.tasks.mixture_model import ALL_GENES, EVEN, TEST, proportions_by
from core.tasks.outputs import write_cells
from core.tasks.progress import Progress
from core.tasks.truth import NETWORK, measured_cohorts, scores

COHORT = "cohort"
OWN_SCALE = (
    "The samples were scaled by the statistics of their own cohort. Intervals were learned with those of the training "
    "mixtures: they need not hold the share that they name."
)


def take_apart(model: TrainedModel, bulk: Cohorts, run: Run, progress: Progress) -> dict[str, Any]:
    """Compose every cohort of ``bulk``, write the tables and results.h5ad, return the summary's facts.

    No sample's answer depends on another's, unless the model scales by the cohort itself, as published.
    """
    analysis = cast("DeconvolveSpec", model.spec.analysis)
    progress.phase("Taking the bulk samples apart")
    if analysis.scaling == "cohort":
        progress.note(OWN_SCALE)
    labels = all_labels([each.classes for each in model.each])
    parts = [_cohort(name, model, bulk, progress) for name in bulk.names]
    proportions = pd.concat([part.found.table(part.samples, labels) for part in parts])
    intervals = pd.concat(
        [part.found.interval_table(part.samples, labels, analysis.level) for part in parts], ignore_index=True
    )
    per_sample = pd.concat([part.table() for part in parts])
    methods = pd.concat([part.methods(labels) for part in parts], ignore_index=True)
    write_table(proportions.reset_index(), "composition", run.directory)
    write_table(intervals, "intervals", run.directory)
    write_table(intervals.filter(["sample", "cell_type", "spread"]), "spread", run.directory)
    write_table(per_sample.reset_index(), "samples", run.directory)
    write_table(methods, "methods", run.directory)
    flagged = int(per_sample["flagged"].sum())
    if flagged:
        progress.note(
            f"{flagged} of {len(per_sample)} samples look like nothing the reference can mix; read them with care."
        )
    progress.phase("Writing the results")
    write_cells(run, bulk.joined, composition=proportions)
    facts: dict[str, Any] = {
        "samples": len(per_sample),
        "cohorts": {part.name: len(part.samples) for part in parts},
        "genes": len({gene for each in model.each for gene in each.genes}),
        "classes": list(labels),
        "missing_genes": max(part.missing for part in parts),
        "flagged": flagged,
    }
    if run.spec.data.truth:
        own = {name: [str(sample) for sample in dataset.adata.obs_names] for name, dataset in bulk.sets.items()}
        truth = measured_cohorts(run.spec.data.truth, own)
        facts["measured"] = scores(run, truth, methods)
    return facts


def write_held_out(model: TrainedModel, run: Run) -> dict[str, Any]:
    """Write what the model says of mixtures of unseen cells, and return the summary's facts about them."""
    analysis = cast("DeconvolveSpec", model.spec.analysis)
    facts: dict[str, Any] = {}
    for branch, name in ((TEST, "held_out"), (EVEN, EVEN)):
        parts = [(HeldOut.from_dict(each.learned[branch]), each) for each in model.each if branch in each.learned]
        if not parts:  # model files of earlier versions hold none
            continue
        table = pd.concat(
            [held.table(each.classes, _place(n)) for n, (held, each) in enumerate(parts, start=1)], ignore_index=True
        )
        write_table(agreement(table), f"{branch}_metrics", run.directory)
        write_table(table, f"{branch}_mixtures", run.directory)
        facts[name] = {
            "CCC": float(agreement(table)["CCC"].iloc[0]),
            "type_r": mean_type_r(table),
            "mixtures": sum(len(held) for held, _ in parts),
            "coverage": float(np.mean([held.inside for held, _ in parts])),
            "level": analysis.level,
        }
    return facts


class _Cohort:
    """What was found for the samples of one cohort."""

    def __init__(self, name: str, samples: list[str], found: Composition, simple: dict[str, np.ndarray], missing: int):
        self.name, self.samples, self.found, self.simple, self.missing = name, samples, found, simple, missing

    def table(self) -> pd.DataFrame:
        """One row for each sample."""
        table = self.found.sample_table(self.samples)
        table[COHORT] = self.name
        return table

    def methods(self, labels: Sequence[str]) -> pd.DataFrame:
        """What the networks and simple methods say: method, sample, cell_type, proportion."""
        rows, columns = pd.Index(self.samples, name="sample"), pd.Index(labels)
        parts = [
            pd.DataFrame(shares, index=rows, columns=columns)
            .reset_index()
            .melt(id_vars="sample", var_name="cell_type", value_name="proportion")
            .assign(method=method)
            for method, shares in {NETWORK: self.found.proportions, **self.simple}.items()
        ]
        order = ["method", "sample", "cell_type", "proportion"]
        return cast("pd.DataFrame", pd.concat(parts, ignore_index=True)[order])


def _cohort(name: str, model: TrainedModel, bulk: Cohorts, progress: Progress) -> _Cohort:
    dataset = bulk.sets[name]
    samples = [str(sample) for sample in dataset.adata.obs_names]
    classes = [each.classes for each in model.each]
    aligned = [align(dataset, each.genes) for each in model.each]
    for found, each in zip(aligned, model.each, strict=True):
        _tell_missing(found, len(each.genes), progress, name if len(bulk.names) > 1 else "")
    pairs = list(zip(model.each, aligned, strict=True))
    composed = together([_composed(each, found) for each, found in pairs], classes)
    answers = [_simple(each, found, dataset) for each, found in pairs]
    simple = {method: mean_shares([answer[method] for answer in answers], classes) for method in answers[0]}
    return _Cohort(name, samples, composed, simple, max(len(found.missing) for found in aligned))


def _composed(model: TrainedModel, samples: Aligned) -> Composition:
    analysis = cast("DeconvolveSpec", model.spec.analysis)
    x = bulk_input(samples, model.transform, cohort=analysis.scaling == "cohort")
    calibration = Calibration.from_dict(model.learned["calibration"])
    signature = Signature.from_dict(model.learned["signature"])
    members = proportions_by(model.networks, x)
    return compose(members, bulk_values(samples), signature, calibration, linear=analysis.linear_member)


def _simple(model: TrainedModel, samples: Aligned, dataset: Dataset) -> dict[str, np.ndarray]:
    """(n_samples, n_types) by each simple method."""
    signature = Signature.from_dict(model.learned["signature"])
    values, present = bulk_values(samples), samples.present
    measured_only = replace(signature, profiles=signature.profiles[present])
    found = {
        "weighted_nnls": weighted_least_squares(values, signature),
        "nnls": least_squares(values[:, present], measured_only),
        "multinomial": multinomial(values[:, present], measured_only),
        "reference_frequencies": constant(len(values), model.learned["frequencies"]),
    }
    if ALL_GENES in model.learned:  # model files of earlier versions hold no such signature
        found["nnls_all_genes"] = _by_all_genes(model.learned[ALL_GENES], dataset)
    # none of them knows of an unknown share
    beyond = ((0, 0), (0, len(model.classes) - signature.n_types))
    return {method: np.pad(shares, beyond) for method, shares in found.items()}


def _by_all_genes(learned: dict[str, Any], dataset: Dataset) -> np.ndarray:
    """(n_samples, n_types) by least squares on every gene that reference and bulk share."""
    samples = align(dataset, learned["genes"])
    profiles = np.asarray(learned["profiles"], dtype=float)[samples.present]
    values = bulk_values(samples)[:, samples.present]
    return least_squares(values, Signature(profiles, np.ones(profiles.shape[1])))


def _place(reference: int) -> str:
    return "" if reference == 1 else f"reference {reference}"


def _tell_missing(samples: Aligned, n_genes: int, progress: Progress, cohort: str) -> None:
    if not samples.missing:
        return
    advice = (
        " Train again with this bulk file, so that genes are chosen among those it has."
        if samples.missing_share > ADVISE_MISSING
        else ""
    )
    progress.note(
        f"{cohort or 'The bulk file'} lacks {len(samples.missing):,} of {n_genes:,} genes; the mean of the training "
        f"mixtures stands in.{advice}"
    )
