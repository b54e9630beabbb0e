"""How far labels can be trusted: what members trained without part of the reference say about that part."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from core.annotation.agreement import agreement, confusion, per_type
from core.annotation.audit import audit, leave_types_out, reject_rate
from core.annotation.boosted import fit_boosted
from core.annotation.calibration import calibrate, reliability
from core.annotation.held_out import NEVER, Folds, HeldOut, ballots, folds
from core.annotation.hierarchy import Hierarchy, best_types_of
from core.annotation.linear import fit_linear
from core.annotation.rejection import OpenSet, fit_open_set
from core.annotation.shares import Said
from core.data.normalise import Matrix
from core.data.split import stratified_split
from core.data.transform import FittedTransform, fit_apply
from core.export.tables import write_table
from core.interpretation.saliency import sample_of_each
from core.model import TrainedModel
from core.networks.network import Network
from core.runs.run import Run
from core.specs import AnnotateSpec, RunSpec
from core.tasks.judge import Members, dense
from core.tasks.levels import learned_levels, tree_of_groups
from core.tasks.members import train_members
from core.tasks.prepare import CALIBRATION, SMOOTHING, SPLIT, TRANSFORM, Prepared, rng
from core.tasks.progress import Progress
from core.tasks.smooth import smoothed
from core.training.batches import ArrayBatches
from core.training.seeding import derived

BESIDE_CELLS = 10_000
"""The members beside the networks learn from so many cells at most, drawn from every type."""
CALIBRATION_CELLS = 20_000
"""Of cells on disk, and where the validation cells are judged, so many at most tell how far labels can be trusted."""


def calibrated(
    model: TrainedModel,
    prepared: Prepared,
    batches: np.ndarray | None,
    run: Run,
    progress: Progress,
    tree: Hierarchy | None = None,
) -> TrainedModel:
    """``model`` with its linear member, temperature, label-set cut-offs and open set.

    The networks are trained anew without each fold of the reference. Genes were chosen on the whole reference, so the
    held-out cells had a say in that alone. ``tree``: the levels that columns of the reference make, if any.
    """
    spec, analysis = run.spec, cast("AnnotateSpec", run.spec.analysis)
    prepared, batches, reference_rows = _in_memory(prepared, batches, progress)
    labels = cast("np.ndarray", prepared.labels)
    own = members_of(model.networks, prepared, prepared.x, prepared.train, prepared.transform, spec)
    cut = _cut(labels, batches, prepared, analysis, spec)
    alike = as_trained(run, prepared.spec, len(model.networks))
    held_values: list[np.ndarray] = []

    def refit(train: np.ndarray, test: np.ndarray) -> Said:
        members = own
        if cut.kind != "validation":
            members = trained_on(train, prepared, alike, progress, stage=f"fold {len(held_values) + 1}")
        seen = prepared.seen.rows(test) if prepared.seen else None
        said, values = members.said(
            smoothed(prepared.aligned.rows(test), seen, analysis, rng(spec, SMOOTHING)),
        )
        held_values.append(values)
        return said

    told = ballots(cut, refit)
    own = own.taught(told, labels)
    held = told.counted(own.shares)
    progress.phase("Learning when to say “not assigned”")
    calibration = calibrate(held.votes.log_probabilities, labels[held.rows], cut.kind)
    values, probabilities = dense(prepared.x), held.votes.probabilities(calibration.temperature)
    tree = tree or tree_of_groups(model, values, labels)
    left_out = leave_types_out(values, labels, len(prepared.classes), rng(spec, CALIBRATION, 1))
    rate = reject_rate(left_out, analysis.false_reject_rate)
    known = fit_open_set(
        values,
        labels,
        cut,
        held,
        false_reject_rate=rate,
        rng=rng(spec, CALIBRATION, 2),
        held_values=np.concatenate(held_values),
    )
    _write_trust(run, prepared.classes, labels, held, probabilities, tree)
    _write_held_out(run, prepared.classes, labels, reference_rows, cut, held, probabilities, known, tree)
    write_table(known.curve(), "coverage", run.directory)
    write_table(audit(left_out, prepared.classes, rate), "audit", run.directory)
    learned = {**model.learned, "calibration": calibration.to_dict(), "open_set": known.to_dict()}
    learned |= own.learned()
    if tree is not None:
        types, number = labels[held.rows], cut.number[held.rows]
        levels = learned_levels(tree, probabilities, types, number, known, analysis.false_label_rate, run)
        learned["levels"] = levels.to_dict()
    return replace(model, learned=learned)


def _in_memory(
    prepared: Prepared, batches: np.ndarray | None, progress: Progress
) -> tuple[Prepared, np.ndarray | None, np.ndarray]:
    """The reference as calibration needs it: of cells on disk a sample in memory, every type by its share.

    Returns
    -------
    The reference, the batch of each of its cells, and (n_cells,) their row numbers in the whole reference.
    """
    labels, n = cast("np.ndarray", prepared.labels), len(prepared.train) + len(prepared.validation)
    large = cast("AnnotateSpec", prepared.spec.analysis).calibration == "validation" and n > CALIBRATION_CELLS
    if not prepared.aligned.on_disk and not large:
        return prepared, batches, np.arange(n)
    rows = sample_of_each(labels, CALIBRATION_CELLS, rng(prepared.spec, CALIBRATION, 3))
    if len(rows) < n:
        what = f"{len(rows):,} of {n:,} reference cells, drawn from every type, were used"
        progress.note(f"{what} to learn the calibration, the refusal and the members beside the networks.")
    aligned, is_train = prepared.aligned.rows(rows).in_memory(), np.isin(rows, prepared.train)
    sample = replace(
        prepared,
        aligned=aligned,
        x=prepared.transform.apply(aligned),
        labels=labels[rows],
        train=np.flatnonzero(is_train),
        validation=np.flatnonzero(~is_train),
    )
    return sample, None if batches is None else batches[rows], rows


def as_trained(run: Run, spec: RunSpec, networks: int) -> RunSpec:
    """``spec``, the run's settings, as they came to be: after a stop, with the epochs and networks it really has.

    Networks trained without a fold stand for the run's own, so they must have learned as long.
    """
    if not run.stop_requested:
        return spec
    epochs = max(record["number"] for record in run.epochs() if not record.get("stage"))
    training = spec.training.model_copy(update={"epochs": epochs, "members": networks})
    return spec.model_copy(update={"training": training})


def trained_on(train: np.ndarray, prepared: Prepared, spec: RunSpec, progress: Progress, stage: str) -> Members:
    """Members trained on the rows ``train`` of the reference alone: transform, networks and linear member."""
    labels = cast("np.ndarray", prepared.labels)
    learn, check = train, np.arange(0)
    if spec.training.validation_share > 0:
        first, second = stratified_split(labels[train], spec.training.validation_share, rng(spec, SPLIT, len(train)))
        learn, check = train[first], train[second]
    transform, x = fit_apply(prepared.aligned, learn, spec.data.transform, rng=rng(spec, TRANSFORM))
    networks = train_members(
        spec,
        progress,
        ArrayBatches(x, labels, among=learn),
        ArrayBatches(x, labels, among=check) if len(check) else None,
        transform.n_inputs,
        len(prepared.classes),
        labels=labels[learn],
        mask=prepared.layer.mask if prepared.layer else None,
        stage=stage,
        stoppable=False,
    )
    return members_of(networks, prepared, x, learn, transform, spec)


def members_of(
    networks: tuple[Network, ...],
    prepared: Prepared,
    x: Matrix,
    rows: np.ndarray,
    transform: FittedTransform,
    spec: RunSpec,
) -> Members:
    """``networks`` and the members that vote beside them, which learn from rows ``rows`` of ``x``.

    Of a large reference they learn from a sample of every type, since their cost grows faster than what they gain.
    """
    labels, analysis = cast("np.ndarray", prepared.labels), cast("AnnotateSpec", spec.analysis)
    linear = boosted = None
    if analysis.linear_member or analysis.boosted_member:
        some = rows[sample_of_each(labels[rows], BESIDE_CELLS, rng(spec, CALIBRATION, 4))]
        values, types, n_types = dense(x[some]), labels[some], len(prepared.classes)
        linear = fit_linear(values, types, n_types) if analysis.linear_member else None
        if analysis.boosted_member:
            boosted = fit_boosted(values, types, n_types, seed=derived(spec.seed, "boosted") % 2**31)
    return Members.before_learning(networks, linear, boosted, transform, spec)


def _cut(
    labels: np.ndarray, batches: np.ndarray | None, prepared: Prepared, analysis: AnnotateSpec, spec: RunSpec
) -> Folds:
    """Which reference cells tell how far the labels can be trusted."""
    if analysis.calibration == "validation":
        number = np.full(len(labels), NEVER)
        number[prepared.validation] = 0
        return Folds(number, "validation")
    return folds(labels, batches, analysis.calibration_folds, rng(spec, CALIBRATION))


def _write_trust(
    run: Run,
    classes: tuple[str, ...],
    labels: np.ndarray,
    held: HeldOut,
    probabilities: np.ndarray,
    tree: Hierarchy | None,
) -> None:
    """Tables about held-out reference cells: agreement, per type, confusion and reliability."""
    names = np.asarray(classes, dtype=object)
    known = names[labels[held.rows]]
    best = names[best_types_of(probabilities, tree)]
    write_table(agreement(known, best, classes), "held_out", run.directory)
    write_table(per_type(known, best), "per_type", run.directory)
    write_table(confusion(known, best), "confusion", run.directory)
    write_table(reliability(probabilities, labels[held.rows]), "reliability", run.directory)


def _write_held_out(
    run: Run,
    classes: tuple[str, ...],
    labels: np.ndarray,
    reference_rows: np.ndarray,
    cut: Folds,
    held: HeldOut,
    probabilities: np.ndarray,
    known: OpenSet,
    tree: Hierarchy | None,
) -> None:
    """Table of the held-out reference cells, by their row number in the reference, for whoever calls the same cells.

    ``assigned`` is empty where refusal was learned from a sample of them, and the cell is not in it.
    """
    names = np.asarray(classes, dtype=object)
    best = best_types_of(probabilities, tree)
    table = pd.DataFrame(
        {
            "row": reference_rows[held.rows],
            "fold": cut.number[held.rows],
            "known": names[labels[held.rows]],
            "cell_type": names[best],
            "probability": probabilities[np.arange(len(best)), best],
        }
    )
    table["assigned"] = pd.Series(known.assigned(known.held_scores), known.held_rows).reindex(table.index)
    write_table(table, "held_out_cells", run.directory)
