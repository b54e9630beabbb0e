"""The values of many cells on disk: compressed rows in as few bytes as they need, read by row numbers.

A folder holds ``starts`` (int64, one more than rows), ``columns`` (uint16 up to 65,536 columns, else uint32),
``values`` (uint16 or uint32 for counts, float32 for all else) and ``header.json``, which is written last.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scipy import sparse

from core.data.blocks import ALL, Blocks, Matrix, Rows, numbers
from core.errors import DataError
from core.files import write_json

FORMAT, VERSION = "celldesk-cells", 1
HEADER, STARTS, COLUMNS, VALUES = "header.json", "starts", "columns", "values"
GAP = 64
"""Rows in between that are read along rather than skipped: a second read costs more than their bytes."""
AT_ONCE = 16 * 2**20
"""Bytes that are checked or rewritten at a time."""
MOST_COLUMNS = 2**16
"""Columns that uint16 can number."""
KINDS = ("uint16", "uint32", "float32")
"""Types of values, each holding all that the one before it can; float32 is exact up to 2**24."""


@dataclass(frozen=True)
class Facts:
    """What the values are like: ``lowest`` and ``highest`` stored, how many are not whole, how many lie below zero."""

    lowest: float = 0.0
    highest: float = 0.0
    fractional: int = 0
    negative: int = 0

    @property
    def whole(self) -> bool:
        """Whether every value is a whole number."""
        return self.fractional == 0

    def joined(self, values: np.ndarray) -> Facts:
        """The facts with more values added."""
        if not len(values):
            return self
        return Facts(
            min(self.lowest, float(values.min())),
            max(self.highest, float(values.max())),
            self.fractional + (0 if values.dtype.kind in "iub" else int((values != np.rint(values)).sum())),
            self.negative + int((values < 0).sum()),
        )


class CacheFile(Blocks):
    """Cells x genes in a folder written by ``write``.

    Values are fetched by position into buffers that each thread uses again. A mapped file would be as quick, but the
    system counts the pages it has seen as memory of this process.
    """

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self.folder, self.key, self._header = folder, str(header["key"]), header
        self.shape = (int(header["shape"][0]), int(header["shape"][1]))
        self.facts = Facts(**header["facts"])
        self.starts = np.fromfile(folder / STARTS, dtype=np.int64)
        self._types = {name: np.dtype(header["types"][name]) for name in (COLUMNS, VALUES)}
        self._files = {name: os.open(folder / name, os.O_RDONLY) for name in (COLUMNS, VALUES)}
        self._buffers = threading.local()
        for file in self._files.values():
            weakref.finalize(self, os.close, file)

    def __reduce__(self) -> tuple:
        """Another process opens the same files for itself."""
        return CacheFile, (self.folder, self._header)

    @property
    def n_values(self) -> int:
        """Stored values."""
        return int(self.starts[-1])

    def read(self, rows: Rows = ALL) -> Matrix:
        """Some rows in the order given, CSR float32."""
        from core.data.compiled import gather  # numba takes a moment to import

        wanted = numbers(rows, self.shape[0])
        lengths = self.starts[wanted + 1] - self.starts[wanted]
        bounds = np.concatenate([[0], np.cumsum(lengths)])
        ordered = np.sort(wanted)
        first, last = _runs(ordered)
        sizes = self.starts[last + 1] - self.starts[first]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        columns, values = (self._fetched(name, self.starts[first], offsets) for name in (COLUMNS, VALUES))
        if len(columns) and int(columns.max()) >= self.shape[1]:
            raise _damaged(self.folder)
        run = np.searchsorted(first, wanted, side="right") - 1
        begin = self.starts[wanted] - self.starts[first[run]] + offsets[run]
        index = np.int32 if bounds[-1] <= np.iinfo(np.int32).max else np.int64
        to_columns, to_values = np.empty(bounds[-1], dtype=index), np.empty(bounds[-1], dtype=np.float32)
        gather(columns, values, begin, bounds, to_columns, to_values)
        parts = to_values, to_columns, bounds.astype(index)
        matrix: Matrix = sparse.csr_matrix(parts, shape=(len(wanted), self.shape[1]))
        matrix.has_canonical_format = True  # as written, so that nothing is sorted or counted again
        return matrix

    def _fetched(self, name: str, starts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Runs of stored numbers, one after another, in this thread's buffer: valid until its next read."""
        kind = self._types[name]
        n_bytes = int(offsets[-1]) * kind.itemsize
        buffer: Any = getattr(self._buffers, name, None)
        if buffer is None or len(buffer) < n_bytes:
            buffer = np.empty(n_bytes + n_bytes // 4, dtype=np.uint8)
            setattr(self._buffers, name, buffer)
        view = memoryview(buffer)
        for start, low, high in zip(starts, offsets[:-1], offsets[1:], strict=True):
            self._fill(name, view[low * kind.itemsize : high * kind.itemsize], int(start) * kind.itemsize)
        return buffer[:n_bytes].view(kind)

    def _fill(self, name: str, part: memoryview, offset: int) -> None:
        """Read one stretch of a file; other threads go on meanwhile."""
        while len(part):
            done = os.preadv(self._files[name], [part], offset)
            if done == 0:
                raise _damaged(self.folder)
            part, offset = part[done:], offset + done


def opened(folder: Path, key: str) -> CacheFile | None:
    """The cache in ``folder``; ``None`` where there is none of this ``key``, or it is damaged: make it again."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        if (header["format"], header["version"], header["key"]) != (FORMAT, VERSION, key):
            return None
        if any(_checksum(folder / name) != header["checksums"][name] for name in (STARTS, COLUMNS, VALUES)):
            return None
        return CacheFile(folder, header)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(blocks: Iterable[Matrix], folder: Path, n_columns: int, key: str) -> None:
    """Write ``blocks``, consecutive rows as canonical CSR, into the empty ``folder``.

    Types begin as narrow as they can be; what is already written is written again where a value does not fit.

    Raises
    ------
    OSError
        If the disk is full or cannot be written.
    """
    columns = "uint16" if n_columns <= MOST_COLUMNS else "uint32"
    kind, facts, starts = KINDS[0], Facts(), [np.zeros(1, dtype=np.int64)]
    with (folder / COLUMNS).open("wb") as columns_file, (folder / VALUES).open("w+b") as values_file:
        for block in blocks:
            facts = facts.joined(block.data)
            if _needed(facts) != kind:
                _rewrite(values_file, kind, _needed(facts))
                kind = _needed(facts)
            columns_file.write(block.indices.astype(columns).data)
            values_file.write(block.data.astype(kind).data)
            starts.append(starts[-1][-1] + block.indptr[1:].astype(np.int64))
    np.concatenate(starts).tofile(folder / STARTS)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "key": key,
        "shape": [sum(map(len, starts)) - 1, n_columns],
        "types": {COLUMNS: columns, VALUES: kind},
        "facts": asdict(facts),
        "checksums": {name: _checksum(folder / name) for name in (STARTS, COLUMNS, VALUES)},
    }
    write_json(folder / HEADER, header)


def _needed(facts: Facts) -> str:
    """The narrowest type that holds all values."""
    if not facts.whole or facts.negative:
        return "float32"
    return next((kind for kind in KINDS[:2] if facts.highest <= np.iinfo(kind).max), "float32")


def _rewrite(file: BinaryIO, before: str, after: str) -> None:
    """Turn what a file holds into a wider type, from its end so that nothing is overwritten unread."""
    narrow, wide = np.dtype(before), np.dtype(after)
    stop = file.seek(0, os.SEEK_END) // narrow.itemsize
    end, step = stop * wide.itemsize, AT_ONCE // wide.itemsize
    while stop:
        start = max(0, stop - step)
        file.seek(start * narrow.itemsize)
        values = np.frombuffer(file.read((stop - start) * narrow.itemsize), dtype=narrow)
        file.seek(start * wide.itemsize)
        file.write(values.astype(wide).data)
        stop = start
    file.seek(end)


def _runs(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last row of each stretch of sorted rows that is read in one go."""
    if not len(ordered):
        return ordered, ordered
    breaks = np.flatnonzero(np.diff(ordered) > GAP)
    return ordered[np.concatenate([[0], breaks + 1])], ordered[np.concatenate([breaks, [len(ordered) - 1]])]


def _checksum(path: Path) -> list[int]:
    """Size in bytes and CRC-32 of a file."""
    found = size = 0
    with path.open("rb") as file:
        while part := file.read(AT_ONCE):
            found, size = zlib.crc32(part, found), size + len(part)
    return [size, found]


def _damaged(folder: Path) -> DataError:
    return DataError("The cells kept on disk are damaged", str(folder), "Delete this folder and start the run again")
