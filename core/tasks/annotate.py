"""annotate: train on the reference, calibrate on cells held out of it, then label the query."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd

from core.annotation.agreement import agreement, confusion, per_type
from core.annotation.audit import audit, leave_types_out, reject_rate
from core.annotation.calibration import calibrate, reliability
from core.annotation.held_out import Folds, HeldOut, folds, held_out_votes
from core.annotation.linear import LinearMember, fit_linear
from core.annotation.rejection import fit_open_set
from core.annotation.transfer import Votes
from core.data.align import align
from core.data.dataset import Dataset
from core.data.split import stratified_split
from core.data.transform import fit
from core.data.validate import shared_findings
from core.export.tables import write_table
from core.interpretation.saliency import sample_of_each
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec, RunSpec
from core.tasks.judge import Members, annotation, dense
from core.tasks.load import inputs, labelled, labels_or_none, present, tell
from core.tasks.members import train_members
from core.tasks.outputs import code_table, training_facts, write_cells, write_summary
from core.tasks.pictures import pictures
from core.tasks.prepare import CALIBRATION, SPLIT, TRANSFORM, Prepared, prepare, rng
from core.tasks.progress import Progress
from core.tasks.represent import trained
from core.tasks.watched import watched_cells
from core.training.batches import ArrayBatches
from core.training.predict import outputs

CALIBRATION_CELLS = 20_000
"""Reference cells on which is learned, in memory, how far the networks can be trusted, where all lie on disk."""


def perform(run: Run, progress: Progress) -> None:
    """Write model, annotation.csv, probabilities.csv, what was learned about trust, results.h5ad and summary.json."""
    spec = run.spec
    data = inputs(spec, progress, "reference", "query")
    reference = labelled(present(data.reference))
    query = present(data.query)
    tell(shared_findings(reference, query), progress)
    prepared = prepare(reference, spec, progress, query=query)
    model = trained(prepared, run, progress, watched_cells(prepared, reference, query))
    model = calibrated(model, prepared, _batches(reference), run, progress)
    model.save(run.model_path)
    label(model, query, run, progress)
    write_summary(
        run,
        data.fingerprints(),
        cells=query.n_cells,
        reference_cells=reference.n_cells,
        genes=len(model.genes),
        classes=list(model.classes),
        **training_facts(run),
        **label_facts(run, model, query),
    )


def calibrated(
    model: TrainedModel, prepared: Prepared, batches: np.ndarray | None, run: Run, progress: Progress
) -> TrainedModel:
    """``model`` with its linear member, temperature, label-set cut-offs and open set.

    The networks are trained anew without each fold of the reference. Genes were chosen on the whole reference, so the
    held-out cells had a say in that alone.
    """
    spec, analysis = run.spec, cast("AnnotateSpec", run.spec.analysis)
    prepared, batches = _in_memory(prepared, batches, progress)
    labels = cast("np.ndarray", prepared.labels)
    linear = _linear(prepared.x, labels, prepared.train, prepared, analysis)
    cut = folds(labels, batches, analysis.calibration_folds, rng(spec, CALIBRATION))
    alike = as_trained(run, prepared.spec, len(model.networks))
    held_values: list[np.ndarray] = []

    def refit(train: np.ndarray, test: np.ndarray) -> Votes:
        members = _without(train, prepared, alike, progress, stage=f"fold {len(held_values) + 1}")
        votes, values = members.votes(prepared.aligned.rows(test))
        held_values.append(values)
        return votes

    held = held_out_votes(cut, refit)
    progress.phase("Learning when to say “not assigned”")
    calibration = calibrate(held.votes.log_probabilities, labels[held.rows], cut.kind)
    values = dense(prepared.x)
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
    _write_trust(run, prepared.classes, labels, cut, held, calibration.temperature)
    write_table(known.curve(), "coverage", run.directory)
    write_table(audit(left_out, prepared.classes, rate), "audit", run.directory)
    learned = {**model.learned, "calibration": calibration.to_dict(), "open_set": known.to_dict()}
    if linear is not None:
        learned["linear"] = linear.to_dict()
    return replace(model, learned=learned)


def _in_memory(
    prepared: Prepared, batches: np.ndarray | None, progress: Progress
) -> tuple[Prepared, np.ndarray | None]:
    """The reference as calibration needs it: of cells on disk a sample in memory, every type by its share."""
    if not prepared.aligned.on_disk:
        return prepared, batches
    labels, n = cast("np.ndarray", prepared.labels), len(prepared.train) + len(prepared.validation)
    rows = sample_of_each(labels, CALIBRATION_CELLS, rng(prepared.spec, CALIBRATION, 3))
    if len(rows) < n:
        what = f"{len(rows):,} of {n:,} reference cells, drawn from every type, were read into memory"
        progress.note(f"{what} to learn the linear member, the calibration and the refusal.")
    aligned, is_train = prepared.aligned.rows(rows).in_memory(), np.isin(rows, prepared.train)
    sample = replace(
        prepared,
        aligned=aligned,
        x=prepared.transform.apply(aligned),
        labels=labels[rows],
        train=np.flatnonzero(is_train),
        validation=np.flatnonzero(~is_train),
    )
    return sample, None if batches is None else batches[rows]


def as_trained(run: Run, spec: RunSpec, networks: int) -> RunSpec:
    """``spec``, the run's settings, as they came to be: after a stop, with the epochs and networks it really has.

    Networks trained without a fold stand for the run's own, so they must have learned as long.
    """
    if not run.stop_requested:
        return spec
    epochs = max(record["number"] for record in run.epochs() if not record.get("stage"))
    training = spec.training.model_copy(update={"epochs": epochs, "members": networks})
    return spec.model_copy(update={"training": training})


def label(model: TrainedModel, query: Dataset, run: Run, progress: Progress) -> None:
    """Label ``query`` and write annotation.csv, probabilities.csv and results.h5ad."""
    from core.annotation.calibration import Calibration
    from core.annotation.rejection import OpenSet

    progress.phase("Labelling the query")
    aligned = align(query, model.genes)
    if aligned.missing:
        progress.note(
            f"The query lacks {len(aligned.missing):,} of {len(model.genes):,} genes; the reference mean stands in."
        )
    members, cells = Members.of(model), query.adata.obs_names
    calibration = Calibration.from_dict(model.learned["calibration"])
    known = OpenSet.from_dict(model.learned["open_set"])
    transforms, found = members.transforms(aligned), []
    for rows, part in aligned.parts():
        votes, values = members.votes(part, transforms)
        found.append(annotation(cells[rows], votes, values, model.classes, calibration, known))
    table, probabilities = (pd.concat(parts) for parts in zip(*found, strict=True))
    table = table.reset_index(drop=True)
    write_table(table, "annotation", run.directory)
    write_table(probabilities.reset_index(), "probabilities", run.directory)
    code = outputs(model.networks[0], model.transform.apply(aligned), names={"code"})["code"]
    drawn = pictures(
        aligned,
        code,
        table["cell_type"].to_numpy(),
        cast("AnnotateSpec", model.spec.analysis).embedding,
        model.spec.seed,
        progress,
    )
    write_table(code_table(code, cells), "code", run.directory)
    write_table(pd.DataFrame({"cell": cells, "x": drawn.code[:, 0], "y": drawn.code[:, 1]}), "embedding", run.directory)
    write_table(drawn.quality, "pictures", run.directory)
    progress.phase("Writing the results")
    write_cells(run, query, code=code, drawn=drawn, annotation=table, probabilities=probabilities)


def label_facts(run: Run, model: TrainedModel, query: Dataset) -> dict[str, object]:
    """How many cells got a label and, where the query names its own types, how far they agree."""
    table = pd.read_csv(run.directory / "annotation.csv", keep_default_na=False)
    facts: dict[str, object] = {
        "assigned": int(table["assigned"].sum()),
        "mean_probability": float(table["probability"].mean()),
        "calibration": {name: value for name, value in model.learned["calibration"].items() if name != "cutoffs"},
        "false_reject_rate": model.learned["open_set"]["false_reject_rate"],
    }
    own = labels_or_none(query)
    if own is not None:
        scores = agreement(own, table["cell_type"].to_numpy(), model.classes, table["assigned"].to_numpy())
        facts["agreement_with_own_labels"] = {"column": query.label_column, **scores.iloc[0].to_dict()}
    return facts


def _without(train: np.ndarray, prepared: Prepared, spec: RunSpec, progress: Progress, stage: str) -> Members:
    """Members trained on the rows ``train`` of the reference alone: transform, networks and linear member."""
    labels = cast("np.ndarray", prepared.labels)
    analysis = cast("AnnotateSpec", spec.analysis)
    learn, check = train, np.arange(0)
    if spec.training.validation_share > 0:
        first, second = stratified_split(labels[train], spec.training.validation_share, rng(spec, SPLIT, len(train)))
        learn, check = train[first], train[second]
    transform = fit(prepared.aligned.rows(learn), spec.data.transform, rng=rng(spec, TRANSFORM))
    x = transform.apply(prepared.aligned)
    networks = train_members(
        spec,
        progress,
        ArrayBatches(x[learn], labels=labels[learn]),
        ArrayBatches(x[check], labels=labels[check]) if len(check) else None,
        transform.n_inputs,
        len(prepared.classes),
        labels=labels[learn],
        mask=prepared.layer.mask if prepared.layer else None,
        stage=stage,
        stoppable=False,
    )
    return Members(networks, _linear(x, labels, learn, prepared, analysis), transform, analysis)


def _linear(x, labels: np.ndarray, rows: np.ndarray, prepared: Prepared, spec: AnnotateSpec) -> LinearMember | None:
    return fit_linear(dense(x[rows]), labels[rows], len(prepared.classes)) if spec.linear_member else None


def _write_trust(
    run: Run, classes: tuple[str, ...], labels: np.ndarray, cut: Folds, held: HeldOut, temperature: float
) -> None:
    """Tables about held-out reference cells: agreement, per type, confusion and reliability."""
    names = np.asarray(classes, dtype=object)
    known = names[labels[held.rows]]
    probabilities = held.votes.probabilities(temperature)
    called = names[probabilities.argmax(axis=1)]
    write_table(agreement(known, called, classes), "held_out", run.directory)
    write_table(per_type(known, called), "per_type", run.directory)
    write_table(confusion(known, called), "confusion", run.directory)
    write_table(reliability(probabilities, labels[held.rows]), "reliability", run.directory)


def _batches(reference: Dataset) -> np.ndarray | None:
    column = reference.batch_column
    return None if column is None else reference.adata.obs[column].astype(str).to_numpy()
