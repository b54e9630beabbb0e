"""Open any file, find out what it holds, and say so."""

from __future__ import annotations

import csv
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from core.data.blocks import Blocks, Matrix
from core.data.cache import Storage, stored_place
from core.data.counts import checked, choose_place, spoken, value_findings
from core.data.dataset import Dataset
from core.data.findings import NOTHING_TO_DO, Finding, ValidationReport
from core.data.fingerprint import fingerprint
from core.data.formats.archive import unpack
from core.data.formats.detect import READABLE, detect
from core.data.formats.mudata import AUTO
from core.data.formats.opened import Opened, Place
from core.data.gene_table import named_by_table
from core.data.genes import resolve_genes
from core.data.labels import column_findings, label_findings, require_column, require_groups
from core.data.levels import label_levels
from core.data.types import CSR
from core.data.units import interpret, interpret_stored
from core.data.validate import batch_findings
from core.data.wording import counted, listed
from core.errors import DataError
from core.specs import Role, SourceSpec, content_key

if TYPE_CHECKING:
    from anndata import AnnData

T = TypeVar("T")
ON_DISK = "on_disk"
"""Key of the finding that says why values are read from disk in blocks."""

# What h5py, zarr, anndata, pandas, pyarrow, scipy, rdata and the packers raise on a file that is damaged or laid out
# in a way they do not know. Nothing else is taken for the file's fault.
LIBRARY_ERRORS = (
    OSError,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    RuntimeError,
    csv.Error,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


def read(source: SourceSpec, role: Role, storage: Storage | None = None) -> Dataset:
    """Read one file or folder as a data set.

    Parameters
    ----------
    source
        The path, and what its parts mean; ``auto`` looks and reports.
    role
        What the set is to be used as.
    storage
        Where and when values of cells are kept on disk and read in blocks; ``None``: all are read into memory.

    Returns
    -------
    The data set: values CSR float32, cells x genes, gene names unique.

    Raises
    ------
    DataError
        If the file is missing, damaged, of no known format, or holds nothing to work with.
    """
    path = Path(source.path).expanduser()
    with ExitStack() as stack:
        opened = open_file(path, source, role, stack)
        if source.modality != AUTO and not opened.modalities:
            remedy = "Set the part of the file to auto"
            raise DataError(f"{path.name} has no parts to choose from", source.modality, remedy)
        place, found = choose_place(opened, source, role)
        findings = [*(replace(one, role=role) for one in opened.findings), *modality_findings(opened, role), *found]
        name = opened.called if place.name == "X" else spoken(place.name)
        content = fingerprint(path)
        why = storage.reason(place, len(opened.obs), path.name) if storage and role != "bulk" else ""
        matrix: Matrix
        if storage and why:
            findings.append(Finding("note", role, f"Read from disk in blocks because {why}.", NOTHING_TO_DO, ON_DISK))
            key = content_key("cells", content, place.name, *([opened.modality] if opened.modality else []))
            place = replace(place, blocks=_guarded_blocks(place, path))
            matrix = stored_place(place, storage.folder, key, len(opened.obs), role, name)
            unit, found = interpret_stored(matrix.facts, source, role, name)
        else:
            matrix = checked(guarded(place.load, path), role, name)
            matrix, unit, found = interpret(matrix, source, role, name)
    findings += found
    matrix, var, found = resolve_genes(matrix, place.var, unit, source, role)
    if source.gene_table:
        matrix, var, named = named_by_table(matrix, var, unit, Path(source.gene_table).expanduser(), role)
        found = [*found, named]
    findings += [*found, *value_findings(matrix, role)]
    obs, found = _cell_names(opened.obs, role)
    findings += found
    kept, found = _labelled(obs, source, role)
    findings += found
    findings += batch_findings(obs, matrix, unit, source, role)
    on_disk = isinstance(matrix, Blocks)
    adata = _assembled(None if on_disk else matrix, obs, var, opened)
    if not kept.all():
        adata, matrix = adata[kept.to_numpy()].copy(), matrix[kept.to_numpy()] if on_disk else matrix
    if source.fingerprint and source.fingerprint != content:
        what = "The file is not the one that was chosen: its content has changed since."
        findings.append(Finding("choose", role, what, "Go on with the new content or bring the old file", "changed"))
    return Dataset(
        adata=adata,
        role=role,
        unit=unit,
        label_column=source.label_column,
        batch_column=source.batch_column,
        fingerprint=content,
        source=source,
        report=ValidationReport(tuple(findings)),
        places=tuple(one.name for one in opened.places),
        blocks=matrix if on_disk else None,
        modalities=opened.modalities,
        modality=opened.modality,
    )


def open_file(path: Path, source: SourceSpec, role: Role, stack: ExitStack) -> Opened:
    """Open a file by its content; what is unpacked on the way is removed when ``stack`` closes.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    kind = detect(path)
    if kind == "zip":
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="celldesk-")))
        guarded(lambda: unpack(path, folder), path)
        return open_file(_inside(folder, path.name), source, role, stack)
    if kind == "folder":
        inside = _inside(path, path.name)
        return open_file(inside, source, role, stack)
    from core.data.formats import anndata_store, hdf5, mtx, parquet, r_objects, table

    readers: dict[str, Callable[[], Opened]] = {
        "hdf5": lambda: hdf5.read_hdf5(path, source.modality),
        "zarr": lambda: anndata_store.read_zarr(path),
        "mtx": lambda: mtx.read_mtx(path, source.modality),
        "parquet": lambda: parquet.read_parquet(path, source.orientation, role),
        "r": lambda: r_objects.read_r(path, source.orientation, role),
        "table": lambda: table.read_table(path, source.orientation, role),
    }
    return guarded(readers[kind], path)


def modality_findings(opened: Opened, role: Role) -> list[Finding]:
    """Which part of a file with several was read, and the way to another one."""
    others = [name for name in opened.modalities if name != opened.modality]
    if not others or role == "bridge":
        return []
    what = f"The file holds {listed([opened.modality, *others])}; `{opened.modality}` is read."
    return [Finding("note", role, what, f"Use `{others[0]}`", "modality", f"data.{role}.modality", others[0])]


def guarded(act: Callable[[], T], path: Path) -> T:
    """What ``act`` returns; a library's complaint about the file becomes a ``DataError``."""
    try:
        return act()
    except MemoryError:
        raise DataError(
            f"{path.name} does not fit into memory", None, "Close other programs or bring fewer cells"
        ) from None
    except LIBRARY_ERRORS as error:
        first = str(error).strip().split("\n")[0] or type(error).__name__
        raise DataError(
            f"{path.name} is damaged or laid out in a way that is not known here",
            first,
            "Copy or download it again, or save it anew, as h5ad for instance",
        ) from error


def _guarded_blocks(place: Place, path: Path) -> Callable[[], Iterator[CSR]] | None:
    """The blocks of ``place``, a library's complaint about one of them become a ``DataError``."""
    read_blocks = place.blocks
    if read_blocks is None:
        return None

    def blocks() -> Iterator[CSR]:
        source = read_blocks()
        while (block := guarded(lambda: next(source, None), path)) is not None:
            yield block

    return blocks


def _inside(folder: Path, name: str) -> Path:
    """The one thing in a folder that can be read: a zarr store, a matrix with its lists, or a single file."""
    from core.data.formats.mtx import matrices_in

    stores = [folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())]
    found = [path for path in stores if (path / ".zgroup").exists() or (path / "zarr.json").exists()]
    found = [path for path in found if not any(parent in found for parent in path.parents)]
    found = found or matrices_in(folder) or _readable_files(folder)
    if len(found) == 1:
        return found[0]
    if found:
        remedy = "Choose one of them" if folder.name == name else "Pack only one of them"
        raise DataError(f"{name} holds several data sets", listed([path.name for path in found]), remedy)
    raise DataError(f"{name} holds nothing that can be read", None, f"Choose {READABLE}")


def _readable_files(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith((".", "__MACOSX")) and "__MACOSX" not in path.parts:
            try:
                kind = detect(path)
            except DataError:
                continue
            if kind != "table" or path.name.removesuffix(".gz").endswith((".csv", ".tsv", ".txt", ".tab")):
                found.append(path)
    return found


def _cell_names(obs: pd.DataFrame, role: Role) -> tuple[pd.DataFrame, list[Finding]]:
    names = pd.Index([str(name) for name in obs.index], dtype=object)
    obs = obs.set_axis(names, axis=0)
    n = int(names.duplicated().sum())
    if not n:
        return obs, []
    from anndata.utils import make_index_unique

    what = (
        f"{counted(n, 'cell name occurs', 'cell names occur')} more than once. A number was added to tell them apart."
    )
    return obs.set_axis(make_index_unique(names), axis=0), [Finding("note", role, what, "Nothing to do", "cell_names")]


def _labelled(obs: pd.DataFrame, source: SourceSpec, role: Role) -> tuple[pd.Series, list[Finding]]:
    """Which cells are kept: in a reference those with a label; and what there is to say about the columns."""
    require_column(obs, source.label_column, role, "cell type")
    require_column(obs, source.batch_column, role, "batch")
    kept = pd.Series(True, index=obs.index)
    found = column_findings(obs, source, role)
    if source.label_column is not None:
        labels = require_groups(obs, source.label_column)
        for column in source.coarser_columns:
            require_column(obs, column, role, "coarser label")
        if source.coarser_columns:
            label_levels(obs, [*source.coarser_columns, source.label_column])
        found += label_findings(labels, role)
        if role == "reference":
            kept = labels.notna()
    return kept, found


def _assembled(matrix: CSR | None, obs: pd.DataFrame, var: pd.DataFrame, opened: Opened) -> AnnData:
    from anndata import AnnData

    obs = obs.set_axis([str(column) for column in obs.columns], axis=1)
    var = var.set_axis([str(column) for column in var.columns], axis=1)
    obsm: Any = dict(opened.obsm)
    return AnnData(X=matrix, obs=obs, var=var, obsm=obsm, uns=dict(opened.colours))
