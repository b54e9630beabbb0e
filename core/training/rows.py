"""Rows of a matrix picked batch by batch: dense, sparse on the CPU, sparse on a GPU, sparse on the way to a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from core.networks.batch import NonZero

if TYPE_CHECKING:
    from typing import TypeAlias

    Matrix: TypeAlias = sparse.csr_matrix | sparse.csr_array | np.ndarray | Tensor
    Csr: TypeAlias = Any  # scipy's stubs type the three arrays of a CSR matrix as None

AT_ONCE = 4096  # rows that are made together on their way to a GPU
DENSE_ABOVE = 0.3  # share of non-zero values beyond which the sparse losses no longer pay


class Picked:
    """Rows that one batch is made of.

    Attributes
    ----------
    here
        A slice, or numbers that lie on the CPU.
    there
        The same, as numbers on the device of the data: they are sent once for all batches of an epoch, since a copy
        from ordinary memory makes the CPU wait for everything that the GPU was asked to do before.
    """

    def __init__(self, here: slice | Tensor, there: slice | Tensor | None = None) -> None:
        self.here = here
        self.there = here if there is None else there


class Made(Protocol):
    """A matrix (n, n_columns) whose rows are made when they are asked for."""

    shape: tuple[int, int]

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray: ...


def rows(values: Matrix | Made) -> DenseRows | SparseRows | MadeRows:
    """Rows of ``values`` (n, n_columns) in the form that suits their kind, on the CPU."""
    if isinstance(values, np.ndarray | Tensor):
        return DenseRows(float32(values))
    if sparse.issparse(values):
        return SparseRows(sparse.csr_matrix(values))
    return MadeRows(cast("Made", values))


def float32(values: np.ndarray | Tensor) -> Tensor:
    """``values`` as a float32 tensor, not copied where they already are."""
    return torch.as_tensor(values).to(torch.float32)


def sent(values: Tensor, device: torch.device) -> Tensor:
    """``values`` on ``device``; a GPU takes them while it is still at work on what came before."""
    if device.type == "cuda" and values.device.type == "cpu":
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


class DenseRows:
    """Rows of a dense matrix, on any device."""

    def __init__(self, values: Tensor) -> None:
        self.values = values
        self.n, self.n_columns = values.shape
        self.bytes = values.nbytes

    def pick(self, rows: Picked, device: torch.device) -> tuple[Tensor, None]:
        return sent(self.values[rows.there], device), None

    def among(self, rows: Tensor) -> DenseRows:
        return DenseRows(self.values[rows])

    def to(self, device: torch.device) -> DenseRows:
        return DenseRows(self.values.to(device))


class MadeRows:
    """Rows that are made dense, and scaled, one batch at a time. ``wanted``: (n,), which of them; None for all."""

    def __init__(self, source: Made, wanted: Tensor | None = None) -> None:
        self.source, self.wanted = source, wanted
        self.n, self.n_columns = source.shape if wanted is None else (len(wanted), source.shape[1])
        self.bytes = self.n * self.n_columns * torch.float32.itemsize

    def pick(self, rows: Picked, device: torch.device) -> tuple[Tensor, None]:
        chosen = rows.here if self.wanted is None else self.wanted[rows.here]
        made = self.source[chosen if isinstance(chosen, slice) else chosen.numpy()]
        return sent(torch.from_numpy(made), device), None

    def among(self, rows: Tensor) -> MadeRows:
        return MadeRows(self.source, rows if self.wanted is None else self.wanted[rows])

    def to(self, device: torch.device) -> DenseRows | MadeRows:
        """On a GPU all rows, made a few at a time."""
        if device.type == "cpu":
            return self
        whole = torch.empty((self.n, self.n_columns), device=device)
        for start in range(0, self.n, AT_ONCE):
            stop = min(start + AT_ONCE, self.n)
            whole[start:stop] = self.pick(Picked(slice(start, stop)), device)[0]
        return DenseRows(whole)


class SparseRows:
    """Sparse rows on the CPU, where scipy's routines are twice as fast as torch's indexing.

    For another device only the values above zero travel; the batch is made dense there.
    """

    def __init__(self, matrix: Csr) -> None:
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        self.matrix = matrix
        self.n, self.n_columns = matrix.shape
        self.bytes = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
        self.gives_nonzero = matrix.nnz <= DENSE_ABOVE * self.n * self.n_columns

    def pick(self, rows: Picked, device: torch.device) -> tuple[Tensor, NonZero | None]:
        part = self.matrix[rows.here if isinstance(rows.here, slice) else rows.here.numpy()]
        if device.type != "cpu":
            position = sent(_positions(part), device)
            nonzero = NonZero(position, position % self.n_columns, sent(_values(part), device))
            dense = _filled(nonzero, part.shape[0], self.n_columns)
            return dense, nonzero if self.gives_nonzero else None
        dense = torch.from_numpy(part.toarray().astype(np.float32, copy=False))
        if not self.gives_nonzero:
            return dense, None
        return dense, NonZero(_positions(part), torch.from_numpy(part.indices.astype(np.int64)), _values(part))

    def among(self, rows: Tensor) -> SparseRows:
        return SparseRows(self.matrix[rows.numpy()])

    def to(self, device: torch.device) -> SparseRows | DeviceRows:
        return DeviceRows(self, device) if device.type != "cpu" else self


class DeviceRows:
    """Sparse rows on a GPU, made dense there.

    The CPU keeps how many values each row has: with that it knows the size of a batch, and never waits for the GPU.
    """

    def __init__(self, source: SparseRows, device: torch.device) -> None:
        self.source = source
        self.n, self.n_columns, self.bytes = source.n, source.n_columns, source.bytes
        matrix = source.matrix
        bounds = torch.from_numpy(matrix.indptr.astype(np.int64))
        self.counts = bounds.diff()
        self.bounds = bounds.to(device)
        self.columns = torch.from_numpy(matrix.indices).to(device)
        self.values = torch.from_numpy(matrix.data.astype(np.float32, copy=False)).to(device)

    def pick(self, rows: Picked, device: torch.device) -> tuple[Tensor, NonZero | None]:
        n_values, at = int(self.counts[rows.here].sum()), self.values.device
        there = torch.arange(*rows.there.indices(self.n), device=at) if isinstance(rows.there, slice) else rows.there
        first, count = self.bounds[there], self.bounds[there + 1] - self.bounds[there]
        shift = first - (count.cumsum(0) - count)
        row_start = torch.arange(len(there), device=at) * self.n_columns
        place = torch.arange(n_values, device=at) + shift.repeat_interleave(count, output_size=n_values)
        column = self.columns[place].long()
        position = column + row_start.repeat_interleave(count, output_size=n_values)
        nonzero = NonZero(position, column, self.values[place])
        return _filled(nonzero, len(there), self.n_columns), nonzero if self.source.gives_nonzero else None

    def among(self, rows: Tensor) -> SparseRows:
        return self.source.among(rows.cpu())

    def to(self, device: torch.device) -> SparseRows | DeviceRows:
        return self.source.to(device)


def _positions(part: Csr) -> Tensor:
    first = np.arange(part.shape[0], dtype=np.int64) * part.shape[1]
    return torch.from_numpy(np.repeat(first, np.diff(part.indptr)) + part.indices)


def _values(part: Csr) -> Tensor:
    return torch.from_numpy(part.data.astype(np.float32, copy=False))


def _filled(nonzero: NonZero, n: int, n_columns: int) -> Tensor:
    flat = torch.zeros(n * n_columns, device=nonzero.value.device)
    return flat.scatter_(0, nonzero.position, nonzero.value).view(n, n_columns)
