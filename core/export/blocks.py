"""Matrices written into an h5ad file a few rows at a time, for cells that memory does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHUNK = 2**18
"""Values that are packed together."""


def append_matrix(path: Path, name: str, blocks: Iterable[csr_matrix], n_columns: int) -> None:
    """Write a CSR matrix as AnnData lays it out, packed as the rest of the file.

    Parameters
    ----------
    path
        An h5ad file without this matrix.
    name
        Where it goes: ``X`` or ``layers/NAME``.
    blocks
        Consecutive rows, float32.
    n_columns
        Columns of the matrix.

    Source: AnnData's file format, sparse arrays 0.1.0.
    """
    import h5py
    import numpy as np

    packed: Any = {"maxshape": (None,), "chunks": (CHUNK,), "compression": "gzip", "compression_opts": 1}
    starts = [np.zeros(1, dtype=np.int64)]
    with h5py.File(path, "r+") as file:
        if name in file:
            del file[name]  # AnnData marks a matrix that is not there
        group = file.create_group(name)
        data = group.create_dataset("data", (0,), dtype=np.float32, **packed)
        indices = group.create_dataset("indices", (0,), dtype=np.int32, **packed)
        for block in blocks:
            part: Any = block
            begin, size = int(starts[-1][-1]), part.nnz
            for stored, values in ((data, part.data), (indices, part.indices)):
                stored.resize((begin + size,))
                stored[begin:] = values
            starts.append(begin + part.indptr[1:].astype(np.int64))
        rows = np.concatenate(starts)
        group.create_dataset("indptr", data=rows)
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        group.attrs["shape"] = np.array([len(rows) - 1, n_columns], dtype=np.int64)
