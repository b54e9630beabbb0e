"""Learn from one reference: genes, mixtures of its cells, networks, signature and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.composition.deconvolve import Calibration, calibrate, compose, sized_by_fit
from core.composition.held_out import HeldOut
from core.composition.intervals import coverage
from core.composition.plan import Plan
from core.composition.plan import prepare as plan_of
from core.composition.simulated.rare_types import AddedCells
from core.composition.simulation import Samples
from core.data.align import align
from core.data.cohorts import Cohorts
from core.data.dataset import Dataset
from core.data.features import select
from core.data.identifiers import other_names
from core.data.rules.bulk_alone import FOUND
from core.errors import DataError
from core.export.tables import write_table
from core.model import TrainedModel
from core.model_header import TRAINED, now
from core.networks.network import Network
from core.runs.run import Run
from core.specs import DeconvolveSpec, RunSpec
from core.tasks.gene_set_layer import GeneSetLayer, learned_of, with_gene_sets
from core.tasks.gene_steps import keep_steps
from core.tasks.load import gene_sets
from core.tasks.members import train_members
from core.tasks.prepare import numbered
from core.tasks.progress import Progress
from core.tasks.watched import watched_mixtures
from core.training.batches import ArrayBatches
from core.training.predict import outputs

ALL_GENES = "all_genes"
TEST, EVEN = "test", "even"
"""Branches of what a model has learned: mixtures of test cells by its own design, and by one that all models share."""


def learned_from(references: tuple[Dataset, ...], bulk: Cohorts, run: Run, progress: Progress) -> TrainedModel:
    """One model of all references, each learned from by itself; ``further`` holds those behind the first."""
    # the first reference comes last: its networks are the run's own, after which a run that only trains ends
    others = [_learned(each, bulk, run, progress, f"reference {n + 2}") for n, each in enumerate(references[1:])]
    first = _learned(references[0], bulk, run, progress)
    return replace(first, further=tuple(others), about={TRAINED: now()})


def proportions_by(networks: tuple[Network, ...], x: np.ndarray) -> np.ndarray:
    """(n_networks, n_samples, n_types), what each network says of ``x`` (n_samples, n_inputs)."""
    return np.stack([outputs(network, x, names={"proportions"})["proportions"] for network in networks])


def _learned(reference: Dataset, bulk: Cohorts, run: Run, progress: Progress, stage: str = "") -> TrainedModel:
    spec = run.spec
    progress.phase("Choosing genes")
    sets = gene_sets(spec.data)
    features = select(reference, spec.features, bulk=bulk.joined, gene_sets=sets)
    keep_steps(features, progress, stage)
    spec, layer = with_gene_sets(spec, sets, features.genes, run.directory)
    codes, classes = numbered(reference)
    cells = align(reference, features.genes)
    progress.phase("Planning mixtures")
    plan = plan_of(
        cells.values,
        codes,
        classes,
        features.genes,
        cast("DeconvolveSpec", spec.analysis),
        spec.data.transform,
        seed=spec.seed,
        library=cells.library,
        covariates=_covariates(reference, spec),
        alone=(features.table["found_by"] == FOUND).to_numpy(),
    )
    if plan.silent:
        progress.note(f"{plan.silent:,} reference cells hold none of the chosen genes and are left out of mixtures.")
    networks = _trained(plan, spec, layer, progress, stage)
    progress.phase("Calibrating on held-out mixtures")
    calibration = _calibrated(plan, networks)
    learned = {
        "calibration": calibration.to_dict(),
        "signature": plan.signature.to_dict(),
        "frequencies": plan.frequencies,
        ALL_GENES: _on_all_genes(plan, reference),
        TEST: _held_out(plan, plan.testing(), networks, calibration).to_dict(),
        EVEN: _held_out(plan, plan.even(), networks, calibration).to_dict(),
    }
    if plan.added is not None:
        _tell_added(plan.added, classes, run, progress, stage)
    return TrainedModel(spec, networks, features, plan.transform, plan.answers, learned | learned_of(layer))


def _on_all_genes(plan: Plan, reference: Dataset) -> dict[str, Any]:
    """The signature on every gene of the reference, for the simple methods that choose none."""
    found = plan.signature_of(align(reference, list(reference.genes)).values)
    names = {"genes": [str(gene) for gene in reference.genes], "identifiers": other_names(reference)}
    return {**names, "profiles": found.profiles.astype(np.float32)}


def _covariates(reference: Dataset, spec: RunSpec) -> pd.DataFrame | None:
    names = list(cast("DeconvolveSpec", spec.analysis).cell_covariates)
    missing = [name for name in names if name not in reference.adata.obs]
    if missing:
        known = ", ".join(map(str, reference.adata.obs.columns))
        raise DataError("The reference lacks columns for simulated cells", missing, f"It has: {known}")
    return cast("pd.DataFrame", reference.adata.obs[names]) if names else None


def _tell_added(added: AddedCells, classes: Sequence[str], run: Run, progress: Progress, stage: str) -> None:
    """Say how many cells were simulated, and write how like real ones they are."""
    cells = np.bincount(added.codes, minlength=len(classes))
    said = ", ".join(f"{cells[k]:,} of {classes[k]}" for k in np.flatnonzero(cells).tolist())
    progress.note(f"Simulated cells stand beside the real ones in training: {said}.")
    if added.report is None:
        progress.note("No simulated type has two held-out cells, so simulated cells could not be compared with real.")
        return
    place = stage.replace(" ", "_") + "_" if stage else ""
    for name in ("types", "genes", "cells"):
        write_table(getattr(added.report, name), f"{place}simulated_{name}", run.directory)


def _trained(
    plan: Plan, spec: RunSpec, layer: GeneSetLayer | None, progress: Progress, stage: str
) -> tuple[Network, ...]:
    share = spec.training.validation_share
    validation = _batches(plan, plan.monitoring(share)) if share > 0 else None
    fixed = None if plan.spec.fresh else _batches(plan, plan.training())
    return train_members(
        spec,
        progress,
        fixed if fixed is not None else plan.fresh,
        validation,
        plan.transform.n_inputs,
        len(plan.answers),
        stage=stage,
        watched=None if stage else watched_mixtures(plan, spec),
        mask=layer.mask if layer else None,
    )


def _batches(plan: Plan, samples: Samples) -> ArrayBatches:
    return ArrayBatches(plan.to_input(samples.values), proportions=samples.proportions)


def _calibrated(plan: Plan, networks: tuple[Network, ...]) -> Calibration:
    analysis, held = plan.spec, plan.calibration()
    calibration = calibrate(
        proportions_by(networks, plan.to_input(held.values)),
        plan.linear_values(held.values),
        held.proportions,
        plan.linear_values(plan.plain().values),
        plan.signature,
        linear=analysis.linear_member,
        level=analysis.level,
    )
    if analysis.intervals == "alike":
        return calibration
    graded = plan.graded()
    return sized_by_fit(
        calibration,
        proportions_by(networks, plan.to_input(graded.values)),
        plan.linear_values(graded.values),
        graded.proportions,
        plan.signature,
        linear=analysis.linear_member,
    )


def _held_out(plan: Plan, samples: Samples, networks: tuple[Network, ...], calibration: Calibration) -> HeldOut:
    found = compose(
        proportions_by(networks, plan.to_input(samples.values)),
        plan.linear_values(samples.values),
        plan.signature,
        calibration,
        linear=plan.spec.linear_member,
    )
    inside = float(coverage(found.low, found.high, samples.proportions).mean())
    return HeldOut(samples.proportions, found.proportions, inside)
