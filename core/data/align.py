"""A set's values in the gene order of a model, with what the set lacks named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.blocks import Blocks, Columns, loaded, pieces
from core.data.cache import kept
from core.data.dataset import Dataset, Unit
from core.data.normalise import LINEAR_UNITS, Matrix, library_size, values_of
from core.data.peaks import are_peaks, overlapped, parse, summed
from core.errors import DataError

PART = 10_000
"""Cells handed on at a time, where many are judged one by one."""


@dataclass(frozen=True)
class Aligned:
    """Cells (or samples) x the model's genes.

    ``values``: (n, n_genes) in ``unit``; columns of missing genes hold zeros, which ``FittedTransform.apply`` replaces
    by the reference mean. ``library``: (n,), total of each cell over ALL genes of its file. ``missing``: genes that
    were not measured.
    """

    values: Matrix
    library: np.ndarray
    unit: Unit
    genes: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def present(self) -> np.ndarray:
        """(n_genes,), True where the gene was measured."""
        return ~np.isin(np.array(self.genes, dtype=object), np.array(self.missing, dtype=object))

    @property
    def missing_share(self) -> float:
        """Share of the genes that were not measured, 0 to 1."""
        return len(self.missing) / len(self.genes)

    def rows(self, chosen: np.ndarray | slice) -> Aligned:
        """Some of the cells; their libraries still count all genes."""
        return replace(self, values=self.values[chosen], library=self.library[chosen])

    @property
    def on_disk(self) -> bool:
        """Whether the values are read from disk in blocks."""
        return isinstance(self.values, Blocks)

    def in_memory(self) -> Aligned:
        """The same cells with their values in memory."""
        return replace(self, values=loaded(self.values)) if self.on_disk else self

    def parts(self) -> Iterator[tuple[slice, Aligned]]:
        """The cells a few thousand at a time, in memory."""
        if not self.on_disk:
            n = self.values.shape[0]
            for start in range(0, n, PART):
                rows = slice(start, min(start + PART, n))
                yield rows, self.rows(rows)
            return
        for rows, values in pieces(self.values):
            yield rows, replace(self, values=values, library=self.library[rows])


def align(dataset: Dataset, genes: Sequence[str], *, keep: bool = True) -> Aligned:
    """Bring ``dataset`` to ``genes``, by name.

    Parameters
    ----------
    dataset
        Cells or samples with genes in any order.
    genes
        The model's genes in the model's order.
    keep
        Whether values on disk are written anew in this order, which pays where they are read many times.

    Returns
    -------
    Sparse values (n, n_genes), float32; those of a set on disk are kept there in a file of their own. Missing genes are
    named, not an error: the transform fills them. A peak of the set goes to the model's peak that it shares most bases
    with, several are summed, and a peak of the model without any holds zeros: nothing was seen to be open there.

    Raises
    ------
    DataError
        If the set has none of the genes or overlaps none of the peaks, or if its peaks hold no counts.
    """
    wanted = pd.Index(genes)
    if dataset.holds_peaks and not wanted.isin(dataset.genes).all() and are_peaks(wanted):
        return _align_peaks(dataset, wanted)
    columns = pd.Index(dataset.genes).get_indexer(wanted)
    found = columns >= 0
    if not found.any():
        raise DataError(
            "The data and the model share no gene",
            value=[*map(str, dataset.genes[:3])],
            remedy=f"The model knows genes such as {', '.join(wanted[:3])}: use the same species and kind of name",
        )
    values = values_of(dataset)
    if isinstance(values, Blocks):
        chosen = values.columns(columns)
        chosen = kept(chosen) if keep else chosen
    else:
        chosen = Columns(columns, values.shape[1])(values.astype(np.float32, copy=False))
    missing = tuple(str(gene) for gene in wanted[~found])
    library = library_size(values, dataset.unit)
    return Aligned(chosen, library, dataset.unit, tuple(str(gene) for gene in wanted), missing)


def _align_peaks(dataset: Dataset, wanted: pd.Index) -> Aligned:
    """``dataset`` on the model's peaks: each of its own goes to the one that it shares most bases with."""
    number = overlapped(parse(dataset.genes), parse(wanted))
    if (number < 0).all():
        raise DataError(
            "No peak of the data overlaps one of the model's",
            value=[*map(str, dataset.genes[:3])],
            remedy=f"The model knows peaks such as {wanted[0]}: use the same species and genome build",
        )
    if dataset.unit not in LINEAR_UNITS:
        raise DataError("Peaks can be summed only as counts", dataset.unit, "Bring counts of fragments")
    values = values_of(dataset)
    chosen = summed(values, number, len(wanted))
    chosen = kept(chosen) if isinstance(chosen, Blocks) else chosen
    library = library_size(values, dataset.unit)
    return Aligned(chosen, library, dataset.unit, tuple(str(peak) for peak in wanted))
