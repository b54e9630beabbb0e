"""Batches of cells that lie on disk: blocks in random order, mixed in a pool, read ahead by another thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import torch

from core.errors import DataError
from core.networks.batch import Batch
from core.training.batches import ArrayBatches, spans
from core.training.rows import Picked, rows, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from core.training.batches import Batches
    from core.training.rows import DenseRows, MadeRows, Matrix, SparseRows

BLOCK = 32
"""Consecutive cells that stay together until they are in the pool: one stretch of the disk."""
POOL, POOL_BYTES = 8192, 64 * 2**20
"""Cells, or bytes, that are mixed; two pools are in memory at a time."""


class StoredRows(Protocol):
    """A matrix (n, n_columns) of which some rows are read at a time, from any thread."""

    @property
    def shape(self) -> tuple[int, int]: ...

    def __getitem__(self, rows: np.ndarray) -> StoredRows:
        """Some of the rows, not yet read."""
        ...

    def read(self, rows: np.ndarray) -> Matrix:
        """The rows of these numbers, in the order given."""
        ...


class DiskBatches:
    """Batches of a matrix on disk, the same as ``ArrayBatches`` gives of one in memory but for the order of cells.

    A batch holds cells of 256 random places of the file (8,192 cells in blocks of 32), whatever the order in which
    the file holds them.

    Parameters
    ----------
    x
        (n, n_inputs), the network's input; sparse rows give count losses their non-zero values.
    labels
        (n,), number of each cell's type, -1 for none.

    Raises
    ------
    DataError
        If there are no cells, or the labels differ from them in number.
    """

    def __init__(self, x: StoredRows, labels: np.ndarray | None = None) -> None:
        self.x, (self.n, self.n_inputs) = x, x.shape
        if self.n == 0:
            raise DataError("There are no cells to learn from", 0, "Loosen the quality limits or the share kept back")
        self.labels = None if labels is None else torch.as_tensor(labels).long()
        if self.labels is not None and len(self.labels) != self.n:
            raise DataError("Cells and labels differ in number", (self.n, len(self.labels)), "Give one row per cell")
        first = rows(x.read(np.arange(min(self.n, BLOCK))))
        self.pool = max(BLOCK, min(POOL, POOL_BYTES * first.n // max(1, first.bytes)))

    def epoch(
        self, number: int, batch_size: int, generator: torch.Generator | None, device: torch.device
    ) -> Iterator[Batch]:
        batches = spans(self.n, batch_size, merge_last=generator is not None)
        at_once = max(1, self.pool // batch_size)
        pools = [batches[start : start + at_once] for start in range(0, len(batches), at_once)]
        order = np.arange(self.n) if generator is None else self._shuffled(pools, generator)
        with ThreadPoolExecutor(1, "cells") as reader:
            ahead = reader.submit(self._read, order, pools[0])
            for place, pool in enumerate(pools):
                values = ahead.result()
                if place + 1 < len(pools):
                    ahead = reader.submit(self._read, order, pools[place + 1])
                yield from self._batches(values, order, pool, device)

    def _shuffled(self, pools: list[list[tuple[int, int]]], generator: torch.Generator) -> np.ndarray:
        """(n,), cells in the order they are seen in: blocks at random, then the cells of each pool."""
        blocks = torch.randperm(-(-self.n // BLOCK), generator=generator).numpy()
        order = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        order = order[order < self.n]
        for pool in pools:
            first, stop = pool[0][0], pool[-1][1]
            order[first:stop] = order[first:stop][torch.randperm(stop - first, generator=generator).numpy()]
        return order

    def _read(self, order: np.ndarray, pool: list[tuple[int, int]]) -> DenseRows | SparseRows | MadeRows:
        return rows(self.x.read(order[pool[0][0] : pool[-1][1]]))

    def _batches(
        self,
        values: DenseRows | SparseRows | MadeRows,
        order: np.ndarray,
        pool: list[tuple[int, int]],
        device: torch.device,
    ) -> Iterator[Batch]:
        begin = pool[0][0]
        for start, stop in pool:
            x, nonzero = values.pick(Picked(slice(start - begin, stop - begin)), device)
            labels: Tensor | None = None
            if self.labels is not None:
                labels = sent(self.labels[torch.from_numpy(order[start:stop])], device)
            yield Batch(x, labels=labels, nonzero=nonzero)


def batches_of(x: Matrix | StoredRows, labels: np.ndarray | None = None, among: np.ndarray | None = None) -> Batches:
    """Batches of the cells ``among`` (row numbers, by default all), wherever their values lie.

    See ``ArrayBatches`` and ``DiskBatches``.
    """
    if not hasattr(x, "read"):
        return ArrayBatches(cast("Matrix", x), labels, among=among)
    if among is not None:
        x, labels = cast("StoredRows", x)[among], None if labels is None else labels[among]
    return DiskBatches(cast("StoredRows", x), labels)
