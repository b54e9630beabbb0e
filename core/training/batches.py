"""Batches of cells from arrays in memory: dense, or sparse and made dense one batch at a time."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Protocol

import torch

from core.errors import DataError
from core.networks.batch import Batch
from core.training.rows import Picked, float32, rows, sent
from core.training.share import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from torch import Tensor

    from core.training.rows import Matrix
    from core.training.share import Share

DEVICE_SHARE = 0.5  # of the free GPU memory that the data may fill; beyond it batches travel one by one


class Batches(Protocol):
    """Cells that come in batches.

    ``n`` is the number of cells of an epoch. ``epoch`` yields them once: shuffled by ``generator``, or in order
    where it is ``None``. The same epoch number and generator state give the same batches.
    """

    @property
    def n(self) -> int: ...

    def epoch(
        self, number: int, batch_size: int, generator: torch.Generator | None, device: torch.device
    ) -> Iterator[Batch]: ...


class ArrayBatches:
    """Batches from arrays that stay in memory (on the GPU where they fit; else each batch is sent to it).

    Parameters
    ----------
    x
        (n, n_inputs), the network's input. A sparse matrix is made dense batch by batch, and gives count losses its
        non-zero values where it is also the target.
    labels
        (n,), number of each cell's type, -1 for none.
    proportions
        (n, n_classes), rows sum to one.
    target
        (n, n_inputs), what is to be rebuilt, where it differs from ``x``.
    among
        Row numbers of the cells that the batches are made of, in their order; by default all. Arrays on the CPU are
        not copied for it.

    Raises
    ------
    DataError
        If there are no cells, or the arrays differ in their number of rows.
    """

    def __init__(
        self,
        x: Matrix,
        labels: np.ndarray | Tensor | None = None,
        proportions: np.ndarray | Tensor | None = None,
        target: np.ndarray | Tensor | None = None,
        *,
        among: np.ndarray | None = None,
    ) -> None:
        self.rows = rows(x)
        self.among = None if among is None else torch.as_tensor(among).long()
        self.n, self.n_inputs = self.rows.n if among is None else len(among), self.rows.n_columns
        if self.n == 0:
            raise DataError("There are no cells to learn from", 0, "Loosen the quality limits or the share kept back")
        self.extras: dict[str, Tensor] = {}
        if labels is not None:
            self.extras["labels"] = torch.as_tensor(labels).long()
        if proportions is not None:
            self.extras["proportions"] = float32(proportions)
        if target is not None:
            self.extras["target"] = float32(target)
        for name, values in self.extras.items():
            if len(values) != self.rows.n:
                found = (self.rows.n, len(values))
                raise DataError(f"Cells and {name} differ in number", found, "Give one row per cell")
        self.device = torch.device("cpu")
        self.share = ALL

    def shared(self, share: Share) -> ArrayBatches:
        """The same batches, of each only the part that ``share`` takes."""
        own = copy(self)
        own.share = share
        return own

    def epoch(
        self, number: int, batch_size: int, generator: torch.Generator | None, device: torch.device
    ) -> Iterator[Batch]:
        self._move(device)
        order = there = None
        if generator is not None:
            order = torch.randperm(self.n, generator=generator)
        if self.among is not None:
            order = self.among if order is None else self.among[order]
        if order is not None:
            there = order.to(self.device)
        for start, stop in spans(self.n, batch_size, merge_last=generator is not None):
            first, last = (start + cut for cut in self.share.of(stop - start))
            own = slice(first, last)
            picked = Picked(own) if order is None or there is None else Picked(order[own], there[own])
            x, nonzero = self.rows.pick(picked, device)
            extras = {name: sent(values[picked.there], device) for name, values in self.extras.items()}
            known = None if "target" in extras else nonzero
            yield Batch(x, nonzero=known, whole=stop - start, **extras)

    def _move(self, device: torch.device) -> None:
        """Keep the data on ``device`` if it is a GPU with room for them."""
        if device == self.device:
            return
        fits = device.type != "cuda" or self._bytes() < DEVICE_SHARE * torch.cuda.mem_get_info(device)[0]
        home = device if fits else torch.device("cpu")
        if self.among is not None and home.type != "cpu":
            self.rows, among = self.rows.among(self.among), self.among
            self.extras = {name: values[among] for name, values in self.extras.items()}
            self.among = None
        self.rows = self.rows.to(home)
        self.extras = {name: values.to(home) for name, values in self.extras.items()}
        self.device = home

    def _bytes(self) -> int:
        whole = self.rows.bytes + sum(values.nbytes for values in self.extras.values())
        return whole * self.n // self.rows.n


def spans(n: int, batch_size: int, *, merge_last: bool = True) -> list[tuple[int, int]]:
    """First and last-plus-one row of each batch.

    A single cell left over joins the batch before it (``merge_last``): batch norm cannot train on one cell alone.
    """
    starts = list(range(0, n, batch_size))
    if merge_last and batch_size > 1 and len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], n], strict=True))
