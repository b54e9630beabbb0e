"""Values kept on disk because memory does not hold them: when, where, and made again where they are damaged."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.data.blocks import Blocks, Matrix, pieces
from core.data.cache_file import CacheFile, opened, write
from core.data.counts import finite, in_order, require_values
from core.data.formats.opened import Place
from core.data.memory import COPIES, SHARE, free_memory, size
from core.errors import DataError
from core.specs import OnDisk, Role

DENSE_COPIES = 3
"""Arrays of all cells that are held at once where the network's input is not sparse."""
BYTES_PER_VALUE = 4
"""Of a count and its column, both uint16."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Storage:
    """Where values are kept that memory does not hold, and when.

    Parameters
    ----------
    folder
        Holds one folder for each matrix; all of them can be made again.
    when
        auto, always or never, as ``data.on_disk`` says.
    dense_genes
        Genes that the run turns into a dense array of all cells; 0 where its input stays sparse.
    """

    folder: Path
    when: OnDisk
    dense_genes: int = 0

    def reason(self, place: Place, n_cells: int, name: str, available: int | None = None) -> str:
        """Why a matrix is read from disk in blocks, as the end of a sentence; empty where it is read into memory.

        Raises
        ------
        DataError
            If it would have to be, but its layout does not allow it.
        """
        if self.when == "never":
            return ""
        available = free_memory() if available is None else available
        read = COPIES * place.n_bytes
        needed = read + DENSE_COPIES * 4 * n_cells * min(self.dense_genes, place.n_genes)
        remedy = "Save it as h5ad with its values stored by rows (adata.X = adata.X.tocsr())"
        if place.blocks is None and read > SHARE * available:
            what = f"{name} is too large for the memory of this machine and cannot be read from disk in blocks"
            raise DataError(what, f"about {size(read)} needed, {size(available)} free", remedy)
        if place.blocks is None and self.when == "always":
            what = f"{name} cannot be read from disk in blocks"
            raise DataError(what, f"data.on_disk {self.when}", f"{remedy}, or set data.on_disk to auto")
        if place.blocks is not None and needed > SHARE * available:
            return f"it needs about {size(needed)} of memory and {size(available)} are free"
        return "data.on_disk is set to always" if self.when == "always" else ""


def stored_place(place: Place, folder: Path, key: str, n_cells: int, role: Role, name: str) -> CacheFile:
    """All values of ``place`` on disk, written once.

    Parameters
    ----------
    place
        One matrix of a file; it can be read in blocks.
    folder
        Where caches lie.
    key
        Changes when the file's content does.
    n_cells, role, name
        For the errors: rows of the matrix, what the set is used as, and the place as a person calls it.

    Raises
    ------
    DataError
        If a value is missing or infinite, all are zero, or the disk is full.
    """
    assert place.blocks is not None
    require_values(n_cells, place.n_genes, role)

    def clean() -> Iterator[Matrix]:
        row = 0
        assert place.blocks is not None
        for block in place.blocks():
            yield in_order(finite(block, role, name, row))
            row += block.shape[0]

    n_bytes = place.n_values * BYTES_PER_VALUE
    found = _made(folder, key, clean(), place.n_genes, n_bytes)
    if found.n_values == 0:
        value = f"{n_cells:,} x {place.n_genes:,}"
        raise DataError(f"Every value of {name} in the {role} is zero", value, "Bring a file with values")
    return found


def kept(values: Blocks, n_bytes: int = 0) -> CacheFile:
    """The same values in a file of their own beside the one they come from, written once: training reads no others.

    Raises
    ------
    DataError
        If the disk is full.
    """
    assert values.key, "values without a key are only passed through"
    return _made(values.folder.parent, values.key, (part for _, part in pieces(values)), values.shape[1], n_bytes)


def _made(folder: Path, key: str, blocks: Iterable[Matrix], n_columns: int, n_bytes: int) -> CacheFile:
    """The cache of ``key``: the one that is there, or written now and put into place in one step."""
    path = folder / key
    found = opened(path, key)
    if found is not None:
        return found
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if n_bytes > SHARE * free:
            raise _no_room(folder, f"about {size(n_bytes)} needed, {size(free)} free")
        with tempfile.TemporaryDirectory(prefix=f".{key}-", dir=folder, ignore_cleanup_errors=True) as partial:
            write(blocks, Path(partial), n_columns, key)
            _put(Path(partial), path, key)
    except OSError as error:
        if error.errno in FULL:
            raise _no_room(folder, f"{size(shutil.disk_usage(folder).free)} free") from error
        remedy = f"{error.strerror or error}. Choose another folder for the workspace"
        raise DataError("The cells cannot be kept on disk", str(folder), remedy) from error
    found = opened(path, key)
    if found is None:
        raise DataError("The cells kept on disk are damaged", str(path), "Check the disk and start the run again")
    return found


def _put(partial: Path, path: Path, key: str) -> None:
    """Move a finished cache to its place; another run may have put the same one there meanwhile."""
    shutil.rmtree(path, ignore_errors=True)  # damaged, or of an older version
    try:
        partial.rename(path)
    except OSError:
        if opened(path, key) is None:
            raise


def _no_room(folder: Path, value: str) -> DataError:
    what = f"The disk has no room for the cells in {folder}"
    return DataError(what, value, "Free some space there; older folders in it can be deleted, they are made again")
