"""Sets of peaks brought to one list of peaks, so that a network can read them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.findings import NOTHING_TO_DO, Finding
from core.data.normalise import LINEAR_UNITS, values_of
from core.data.peaks import Peaks, merged, parse, summed, usable
from core.data.wording import counted
from core.errors import DataError
from core.specs.data import PeakSpec

FEW_SHARED_PEAKS = 0.9
"""Share of the common peaks that a set may lack before its genome build is doubted."""
COLUMNS = ("set", "peaks", "left_out", "copied", "renamed", "summed", "absent")


@dataclass(frozen=True)
class Harmonised:
    """Sets that hold the same peaks in the same order.

    ``table``: one row per set, with the number of its own peaks that were left out by width or chromosome, copied
    (the same peak), renamed (one peak that became a wider one) or summed (several that became one), and of common peaks
    that it has nothing for and that hold zeros.
    """

    sets: tuple[Dataset, ...]
    table: pd.DataFrame


def harmonised(sets: Sequence[Dataset], spec: PeakSpec) -> Harmonised:
    """Every set on the union of the peaks of all, cells in their order and sparse.

    Peaks that overlap or touch, in one set or across sets, become one. Every peak lies in exactly one of the union,
    so each cell keeps its total.

    Parameters
    ----------
    sets
        Peaks in counts.
    spec
        Which peaks are used.

    Raises
    ------
    DataError
        If a set holds no peaks or no counts, or no peak of it is left.

    Source: DeepSCore's ``get_common_peaks`` and ``rebuild_atac_datas``; a sweep line in O(n log n) in place of pairs.
    """
    own = [kept_peaks(dataset, spec) for dataset in sets]
    kept = [peaks.rows(mask) for peaks, mask in own]
    union, number = merged(Peaks(*(np.concatenate(parts) for parts in zip(*map(_parts, kept), strict=True))))
    bounds = np.cumsum([0, *map(len, kept)])
    changed, rows = [], []
    for k, dataset in enumerate(sets):
        place = np.full(dataset.n_genes, -1, dtype=np.int64)
        place[own[k][1]] = number[bounds[k] : bounds[k + 1]]
        changed.append(on_peaks(dataset, place, union))
        rows.append([dataset.role, dataset.n_genes, *_fates(own[k][0], place, union)])
    return Harmonised(tuple(changed), pd.DataFrame(rows, columns=pd.Index(COLUMNS)))


def kept_peaks(dataset: Dataset, spec: PeakSpec) -> tuple[Peaks, np.ndarray]:
    """The peaks of a set, and (n_peaks,) True for those that are used.

    Raises
    ------
    DataError
        If it holds no peaks or no counts, or none is left.
    """
    if dataset.unit not in LINEAR_UNITS:
        remedy = "Bring counts of fragments; logarithms of them cannot be summed"
        raise DataError(f"The peaks of the {dataset.role} hold no counts", dataset.unit, remedy)
    peaks = parse(dataset.genes)
    kept = usable(peaks, spec)
    if not kept.any():
        low, high = int(peaks.width.min()), int(peaks.width.max())
        raise DataError(
            f"No peak of the {dataset.role} is left",
            f"{len(peaks):,} peaks of {low:,} to {high:,} bases, such as {dataset.genes[0]}",
            "Widen data.peaks.min_width and data.peaks.max_width, or keep all chromosomes",
        )
    return peaks, kept


def with_usable_peaks(dataset: Dataset, spec: PeakSpec) -> Dataset:
    """A set without the peaks that ``spec`` leaves out; sets of genes as they are.

    Raises
    ------
    DataError
        If no peak is left.
    """
    if not dataset.holds_peaks:
        return dataset
    _, kept = kept_peaks(dataset, spec)
    return dataset if kept.all() else dataset.subset(genes=list(dataset.genes[kept]))


def peak_findings(sets: Sequence[Dataset], table: pd.DataFrame) -> list[Finding]:
    """What is to be said of sets that were brought to common peaks; ``table`` as in ``Harmonised``."""
    found = []
    union = sets[0].n_genes
    for dataset, row in zip(sets, table.to_dict("records"), strict=True):
        own = row["peaks"] - row["left_out"]
        what = (
            f"Of {own:,} peaks {row['copied']:,} were kept as they are, {row['renamed']:,} became a wider one and "
            f"{row['summed']:,} were summed; the common list holds {union:,}."
        )
        found.append(Finding("fine", dataset.role, what, NOTHING_TO_DO, "common_peaks"))
        if row["left_out"]:
            what = f"{counted(row['left_out'], 'peak was', 'peaks were')} left out by width or chromosome."
            found.append(Finding("note", dataset.role, what, "Change data.peaks", "peaks_left_out"))
        if row["absent"] > FEW_SHARED_PEAKS * union:
            share = f"{row['absent']:,} of {union:,} common peaks"
            what = f"{share} overlap none of this set: the sets may lie on different genome builds."
            found.append(Finding("choose", dataset.role, what, "Use one genome build for all sets", "genome_build"))
    return found


def require_genes_and_peaks(reference: Dataset, query: Dataset) -> None:
    """Refuse a bridge between sets that need none.

    Raises
    ------
    DataError
        If the reference holds peaks or the query genes.
    """
    if reference.holds_peaks or not query.holds_peaks:
        kinds = {True: "peaks", False: "genes"}
        raise DataError(
            "A bridge leads from a reference of genes to a query of peaks",
            f"the reference holds {kinds[reference.holds_peaks]}, the query {kinds[query.holds_peaks]}",
            "Remove the bridge, or bring a query of peaks",
        )


def genes_and_peaks(reference: Dataset, other: Dataset) -> DataError:
    """The complaint about two sets of which one holds genes and the other peaks."""
    kinds = {True: "peaks", False: "genes"}
    return DataError(
        f"The {reference.role} holds {kinds[reference.holds_peaks]} and the {other.role} holds "
        f"{kinds[other.holds_peaks]}",
        f"{reference.genes[0]} and {other.genes[0]}",
        "Bring a bridge, multiome cells with both, or bring gene activities in place of peaks",
    )


def on_peaks(dataset: Dataset, number: np.ndarray, union: Peaks) -> Dataset:
    """``dataset`` with its peaks summed into those of ``union``; ``number``: (n_own,), -1 leaves a peak out."""
    from anndata import AnnData

    given: Any = dataset.adata  # its own types call its tables many things
    values = summed(values_of(dataset), number, len(union))
    on_disk = dataset.blocks is not None
    made = AnnData(
        X=None if on_disk else values,
        obs=given.obs.copy(),
        var=pd.DataFrame(index=pd.Index(union.names, dtype=object)),
        obsm=dict(given.obsm),
        uns=dict(given.uns),
    )
    return replace(dataset, adata=made, blocks=values if on_disk else None)


def _fates(peaks: Peaks, place: np.ndarray, union: Peaks) -> tuple[int, int, int, int, int]:
    """How many peaks were left out, copied, renamed and summed, and how many of the union hold zeros."""
    inside = place >= 0
    sizes = np.bincount(place[inside], minlength=len(union))
    alone = inside & (sizes[place] == 1)
    same = alone & (peaks.start == union.start[place]) & (peaks.end == union.end[place])
    return (
        int((~inside).sum()),
        int(same.sum()),
        int((alone & ~same).sum()),
        int((inside & ~alone).sum()),
        int((sizes == 0).sum()),
    )


def _parts(peaks: Peaks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return peaks.chromosome, peaks.start, peaks.end
