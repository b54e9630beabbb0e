"""From a reference of RNA to a query of peaks, over multiome cells that hold both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from core import keys
from core.annotation.agreement import per_type
from core.annotation.bridge import FATES, bridge_labels, bridge_types, fates, used
from core.annotation.calibration import calibrate
from core.annotation.held_out import ballots, folds
from core.annotation.rejection import fit_open_set
from core.annotation.shares import Said
from core.data.align import align
from core.data.dataset import Dataset
from core.data.multiome import read_bridge
from core.data.peaks_common import require_genes_and_peaks, with_usable_peaks
from core.data.quality import apply
from core.data.validate import require_shared, shared_findings
from core.errors import DataError, RunError
from core.export.tables import write_table
from core.recipes import recipe
from core.runs.run import Run
from core.specs import AnnotateSpec, BridgeSourceSpec, RunSpec
from core.tasks.judge import annotation, dense
from core.tasks.load import on_common_peaks, tell
from core.tasks.prepare import CALIBRATION, prepare, rng
from core.tasks.progress import Progress
from core.tasks.trust import trained_on

FEWEST_TYPES = 2


@dataclass(frozen=True)
class Crossed:
    """What a peak classifier learns from and what it labels, on common peaks.

    ``reference``: the bridge's cells by their peaks, with the types that their RNA was given. ``facts``: for the
    summary.
    """

    reference: Dataset
    query: Dataset
    facts: dict[str, Any]


def across(reference: Dataset, query: Dataset, run: Run, progress: Progress) -> Crossed:
    """Label the bridge's cells by their RNA, and bring their peaks and the query to common peaks.

    Writes bridge.csv: cell, cell_type, probability, assigned, fate of each bridge cell; and bridge_rna.csv: scores of
    the RNA classifier on held-out cells of the reference, type by type.

    Raises
    ------
    DataError
        If the reference holds no genes, the query no peaks, or the bridge not both of the same cells.
    RunError
        If fewer than two types are left on the bridge.
    """
    spec = run.spec
    analysis, source = cast("AnnotateSpec", spec.analysis), cast("BridgeSourceSpec", spec.data.bridge)
    require_genes_and_peaks(reference, query)
    progress.phase("Reading the bridge")
    genes, peaks = _read(source, spec, progress)
    tell(shared_findings(reference, replace(genes, role="query")), progress)
    require_shared(replace(peaks, role="bridge"), query)
    called = labelled_by_rna(reference, genes, run, progress)
    table = bridge_labels(called, analysis.bridge.least_probability, analysis.bridge.least_cells)
    write_table(table, "bridge", run.directory)
    chosen = used(table)
    types = sorted(table.loc[chosen, "cell_type"].unique())
    if len(types) < FEWEST_TYPES:
        raise RunError(
            f"The RNA of the bridge names {len(types)} cell type(s) surely, and at least {FEWEST_TYPES} are needed",
            f"{int(chosen.sum()):,} of {len(table):,} cells",
            "Lower analysis.bridge.least_probability, or bring a bridge of the same tissue as the reference",
        )
    _tell_fates(table, progress)
    taught = _taught(peaks, table, chosen, reference, source)
    common, brought = on_common_peaks([taught, query], spec.data, progress)
    facts = {
        "bridge": {
            "cells": len(table),
            "used": int(chosen.sum()),
            "fingerprint": genes.fingerprint,
            "types": fates(table).to_dict("records"),
            "lost_types": sorted(set(reference.labels.astype(str)) - set(types)),
        }
    }
    return Crossed(common, brought, facts)


def labelled_by_rna(reference: Dataset, genes: Dataset, run: Run, progress: Progress) -> pd.DataFrame:
    """Types of the bridge's cells by a classifier that saw the RNA reference alone, calibrated on its held-out cells.

    Returns
    -------
    The table ``annotation`` of ``core.tasks.judge``, a row per bridge cell.
    """
    spec = rna_spec(run.spec)
    analysis = cast("AnnotateSpec", spec.analysis)
    prepared = prepare(reference, spec, progress, query=genes)
    labels = cast("np.ndarray", prepared.labels)
    members = trained_on(np.arange(len(labels)), prepared, spec, progress, stage="RNA")
    batches = None if reference.batches is None else reference.batches.astype(str).to_numpy()
    cut = folds(labels, batches, analysis.calibration_folds, rng(spec, CALIBRATION))
    held_values: list[np.ndarray] = []

    def refit(train: np.ndarray, test: np.ndarray) -> Said:
        stage = f"RNA fold {len(held_values) + 1}"
        without = trained_on(train, prepared, spec, progress, stage=stage)
        said, values = without.said(prepared.aligned.rows(test))
        held_values.append(values)
        return said

    told = ballots(cut, refit)
    members = members.taught(told, labels)
    held = told.counted(members.shares)
    calibration = calibrate(held.votes.log_probabilities, labels[held.rows], cut.kind)
    names = np.asarray(prepared.classes, dtype=object)
    best = held.votes.log_probabilities.argmax(axis=1)
    write_table(per_type(names[labels[held.rows]], names[best]), "bridge_rna", run.directory)
    known = fit_open_set(
        dense(members.transform.apply(prepared.aligned)),
        labels,
        cut,
        held,
        false_reject_rate=cast("AnnotateSpec", run.spec.analysis).false_reject_rate,
        rng=rng(spec, CALIBRATION, 1),
        held_values=np.concatenate(held_values),
    )
    progress.phase("Labelling the bridge by its RNA")
    votes, values = members.votes(align(genes, prepared.features.genes))
    return annotation(genes.adata.obs_names, votes, values, prepared.classes, calibration, known)[0]


def write_bridge_types(run: Run) -> None:
    """Write bridge_types.csv from bridge.csv, bridge_rna.csv and per_type.csv: see `core.annotation.bridge`."""

    def read(name: str) -> pd.DataFrame:
        path = run.directory / f"{name}.csv"
        return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"cell_type": str})

    write_table(bridge_types(read("bridge"), read("bridge_rna"), read("per_type")), "bridge_types", run.directory)


def rna_spec(spec: RunSpec) -> RunSpec:
    """The settings of the RNA classifier: those of its recipe, on the machine and with the seed of ``spec``."""
    analysis = cast("AnnotateSpec", spec.analysis)
    own = recipe(analysis.bridge.recipe).spec
    machine = {name: getattr(spec.training, name) for name in ("device", "threads", "precision")}
    training = own.training.model_copy(update=machine)
    return own.model_copy(update={"seed": spec.seed, "training": training})


def _read(source: BridgeSourceSpec, spec: RunSpec, progress: Progress) -> tuple[Dataset, Dataset]:
    """Genes and peaks of the bridge's cells that pass the quality rules in both."""
    genes, peaks = read_bridge(source)
    if source.fingerprint and source.fingerprint != genes.fingerprint:
        raise DataError(
            "The bridge file has changed since it was checked", source.path, "Add it again on the Data page"
        )
    for part in (genes, peaks):
        tell(part.report.findings, progress)
    peaks = with_usable_peaks(peaks, spec.data.peaks)
    kept = [set(apply(part, spec.data.quality)[0].adata.obs_names) for part in (genes, peaks)]
    inside = genes.adata.obs_names.isin(list(kept[0] & kept[1]))
    if not inside.any():
        remedy = "Loosen the rules of the Quality page"
        raise DataError("No cell of the bridge passes the quality rules in both parts", genes.n_cells, remedy)
    if inside.all():
        return genes, peaks
    progress.note(f"Bridge: {int((~inside).sum()):,} of {len(inside):,} cells fail the quality rules.")
    return genes.subset(cells=inside), peaks.subset(cells=inside)


def _taught(
    peaks: Dataset, table: pd.DataFrame, chosen: np.ndarray, reference: Dataset, source: BridgeSourceSpec
) -> Dataset:
    """The bridge's usable cells as a labelled reference of peaks, with the levels of the RNA reference's types."""
    part = peaks.subset(cells=chosen)
    types = table.loc[chosen, "cell_type"].astype(str).to_numpy()
    obs = pd.DataFrame(part.adata.obs).copy()
    obs[keys.LABEL] = pd.Categorical(types)
    coarser = reference.source.coarser_columns
    own = pd.DataFrame(reference.adata.obs).assign(**{keys.LABEL: reference.labels.astype(str).to_numpy()})
    for column in coarser:
        above = own.drop_duplicates(keys.LABEL).set_index(keys.LABEL)[column].astype(str)
        obs[column] = pd.Categorical(above.reindex(types).to_numpy())
    part.adata.obs = obs
    read_as = part.source.model_copy(
        update={"path": source.path, "label_column": keys.LABEL, "coarser_columns": coarser}
    )
    return replace(part, role="reference", label_column=keys.LABEL, batch_column=None, source=read_as)


def _tell_fates(table: pd.DataFrame, progress: Progress) -> None:
    counts = {fate: int((table["fate"] == fate).sum()) for fate in FATES}
    left_out = [f"{n:,} {fate}" for fate, n in counts.items() if n and fate != "used"]
    rest = f"; left out: {', '.join(left_out)}" if left_out else ""
    progress.note(f"Bridge: {counts['used']:,} of {len(table):,} cells lend their peaks a type{rest}.")
