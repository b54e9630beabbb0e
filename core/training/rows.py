"""Rows of a matrix picked batch by batch: dense, sparse on the CPU, sparse on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from core.networks.batch import NonZero

if TYPE_CHECKING:
    from typing import TypeAlias

    Matrix: TypeAlias = sparse.csr_matrix | sparse.csr_array | np.ndarray | Tensor
    Csr: TypeAlias = Any  # scipy's stubs type the three arrays of a CSR matrix as None

DENSE_ABOVE = 0.3  # share of non-zero values beyond which the sparse losses no longer pay


def rows(values: Matrix) -> DenseRows | SparseRows | DeviceRows:
    """Rows of ``values`` (n, n_columns) in the form that suits their kind, on the CPU."""
    if isinstance(values, np.ndarray | Tensor):
        return DenseRows(float32(values))
    return SparseRows(sparse.csr_matrix(values))


def picked_rows(values: Tensor, rows: slice | Tensor) -> Tensor:
    """Some rows of ``values``, a slice or numbers that lie on the CPU."""
    return values[rows if isinstance(rows, slice) else rows.to(values.device)]


def float32(values: np.ndarray | Tensor) -> Tensor:
    """``values`` as a float32 tensor, not copied where they already are."""
    return torch.as_tensor(values).to(torch.float32)


class DenseRows:
    """Rows of a dense matrix, on any device."""

    def __init__(self, values: Tensor) -> None:
        self.values = values
        self.n, self.n_columns = values.shape
        self.bytes = values.nbytes

    def pick(self, rows: slice | Tensor) -> tuple[Tensor, None]:
        return picked_rows(self.values, rows), None

    def to(self, device: torch.device) -> DenseRows:
        return DenseRows(self.values.to(device))


class SparseRows:
    """Sparse rows on the CPU, where scipy's routines are twice as fast as torch's indexing."""

    def __init__(self, matrix: Csr) -> None:
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        self.matrix = matrix
        self.n, self.n_columns = matrix.shape
        self.bytes = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
        self.gives_nonzero = matrix.nnz <= DENSE_ABOVE * self.n * self.n_columns

    def pick(self, rows: slice | Tensor) -> tuple[Tensor, NonZero | None]:
        part = self.matrix[rows if isinstance(rows, slice) else rows.numpy()]
        dense = torch.from_numpy(part.toarray().astype(np.float32, copy=False))
        if not self.gives_nonzero:
            return dense, None
        first = np.arange(part.shape[0], dtype=np.int64) * self.n_columns
        position = torch.from_numpy(np.repeat(first, np.diff(part.indptr)) + part.indices)
        return dense, NonZero(position, torch.from_numpy(part.data.astype(np.float32, copy=False)))

    def to(self, device: torch.device) -> SparseRows | DeviceRows:
        return DeviceRows(self, device) if device.type != "cpu" else self


class DeviceRows:
    """Sparse rows on a GPU, made dense there; only row bounds stay on the CPU, so that no step waits for the GPU."""

    def __init__(self, source: SparseRows, device: torch.device) -> None:
        self.source = source
        self.n, self.n_columns, self.bytes = source.n, source.n_columns, source.bytes
        matrix = source.matrix
        self.bounds = torch.from_numpy(matrix.indptr.astype(np.int64))
        self.columns = torch.from_numpy(matrix.indices).to(device)
        self.values = torch.from_numpy(matrix.data.astype(np.float32, copy=False)).to(device)

    def pick(self, rows: slice | Tensor) -> tuple[Tensor, NonZero | None]:
        picked = torch.arange(*rows.indices(self.n)) if isinstance(rows, slice) else rows
        first, count = self.bounds[picked], self.bounds[picked + 1] - self.bounds[picked]
        n_values = int(count.sum())
        device = self.values.device
        shift = (first - (count.cumsum(0) - count)).to(device)
        row_start = torch.arange(len(picked), device=device) * self.n_columns
        count = count.to(device)
        place = torch.arange(n_values, device=device) + shift.repeat_interleave(count, output_size=n_values)
        position = self.columns[place] + row_start.repeat_interleave(count, output_size=n_values)
        value = self.values[place]
        dense = torch.zeros(len(picked) * self.n_columns, device=device).scatter_(0, position, value)
        nonzero = NonZero(position, value) if self.source.gives_nonzero else None
        return dense.view(-1, self.n_columns), nonzero

    def to(self, device: torch.device) -> SparseRows | DeviceRows:
        return self.source.to(device)
