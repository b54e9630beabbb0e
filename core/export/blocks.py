"""Matrices written into an h5ad file a few rows at a time, for cells that memory does not hold."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

CHUNK = 2**18
"""Values that are packed together."""
LEVEL = 1
"""Of gzip: the quickest."""
PACKERS = 2
"""Threads that pack; what they have not finished takes memory, so two chunks of each wait at most."""


def append_matrices(path: Path, blocks: Iterable[Mapping[str, csr_matrix]], n_columns: int) -> None:
    """Write CSR matrices as AnnData lays them out, packed as the rest of the file.

    Matrices that hold values in the same places share the numbers that say where, by a second link to them.

    Parameters
    ----------
    path
        An h5ad file without these matrices.
    blocks
        Consecutive rows of every matrix by where it goes (``X``, ``layers/NAME``), float32. All have their values in
        the same places.
    n_columns
        Columns of the matrices.

    Source: AnnData's file format, sparse arrays 0.1.0.
    """
    import h5py
    import numpy as np

    starts = [np.zeros(1, dtype=np.int64)]
    groups: dict[str, Any] = {}
    with h5py.File(path, "r+") as file, ThreadPoolExecutor(PACKERS, "pack") as packers:
        places: _Packed | None = None
        data: dict[str, _Packed] = {}
        for block in blocks:
            for name, part in block.items():
                if name not in groups:
                    if name in file:
                        del file[name]  # AnnData marks a matrix that is not there
                    groups[name] = file.create_group(name)
                    data[name] = _Packed(groups[name], "data", np.float32, packers)
                data[name].add(part.data)
            first: Any = next(iter(block.values()))
            if places is None:
                # places rise within a row: their bytes pack better sorted by significance
                places = _Packed(next(iter(groups.values())), "indices", np.int32, packers, shuffle=True)
            places.add(first.indices)
            starts.append(starts[-1][-1] + first.indptr[1:].astype(np.int64))
        for packed in (*data.values(), *([places] if places else [])):
            packed.end()
        rows = np.concatenate(starts)
        kept = None
        for group in groups.values():
            if kept is None:
                kept = group
                group.create_dataset("indptr", data=rows)
            else:
                group["indices"], group["indptr"] = kept["indices"], kept["indptr"]
            group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
            group.attrs["shape"] = np.array([len(rows) - 1, n_columns], dtype=np.int64)


class _Packed:
    """A dataset of a file that grows chunk by chunk; chunks are packed by other threads and written in their order."""

    def __init__(
        self, group: Any, name: str, kind: type, packers: ThreadPoolExecutor, *, shuffle: bool = False
    ) -> None:
        import numpy as np

        self.kind, self.packers, self.shuffle = np.dtype(kind), packers, shuffle
        self.stored = group.create_dataset(
            name,
            (0,),
            dtype=self.kind,
            maxshape=(None,),
            chunks=(CHUNK,),
            compression="gzip",
            compression_opts=LEVEL,
            shuffle=shuffle,
        )
        self.waiting = np.zeros(0, dtype=self.kind)
        self.under_way: deque[Future[bytes]] = deque()
        self.n, self.written = 0, 0

    def add(self, values: np.ndarray) -> None:
        """Add values at the end."""
        import numpy as np

        self.n += len(values)
        whole = np.concatenate([self.waiting, values.astype(self.kind, copy=False)])
        full = len(whole) // CHUNK * CHUNK
        for start in range(0, full, CHUNK):
            self._pack(whole[start : start + CHUNK])
        self.waiting = whole[full:]

    def end(self) -> None:
        """Write what is left; the last chunk is filled up with zeros that lie beyond the end."""
        import numpy as np

        if len(self.waiting):
            self._pack(np.pad(self.waiting, (0, CHUNK - len(self.waiting))))
        while self.under_way:
            self._write()
        self.stored.resize((self.n,))

    def _pack(self, chunk: np.ndarray) -> None:
        self.under_way.append(self.packers.submit(_packed, chunk, self.shuffle))
        while len(self.under_way) > 2 * PACKERS:
            self._write()

    def _write(self) -> None:
        packed = self.under_way.popleft().result()
        self.stored.resize((self.written + CHUNK,))
        self.stored.id.write_direct_chunk((self.written,), packed)
        self.written += CHUNK


def _packed(chunk: np.ndarray, shuffle: bool) -> bytes:
    import numpy as np

    values = np.ascontiguousarray(chunk).view(np.uint8)
    if shuffle:
        values = np.ascontiguousarray(values.reshape(-1, chunk.itemsize).T)
    return zlib.compress(values.data, LEVEL)
