"""Where the counts are: in X, in raw or in a layer."""

from __future__ import annotations

import re

import numpy as np

from core.data.blocks import Blocks, Matrix
from core.data.findings import NOTHING_TO_DO, Finding
from core.data.formats.opened import Opened, Place
from core.data.types import CSR
from core.data.units import is_logged, is_whole
from core.data.wording import counted, quoted
from core.errors import DataError
from core.specs import Role, SourceSpec

_COUNTS_LAYER = re.compile(r"^layers/(raw[_ .-]?)?(counts?|umis?|raw|counts?[_ .-]raw)$", re.IGNORECASE)
_NOT_EXPRESSION = re.compile(r"^layers/(spliced|unspliced|ambiguous|m[us]|velocity.*|scale.*|.*var.*)$", re.IGNORECASE)


def choose_place(opened: Opened, source: SourceSpec, role: Role) -> tuple[Place, list[Finding]]:
    """The matrix to be read, and why.

    Raises
    ------
    DataError
        If the file holds no values, or the place asked for is not there.
    """
    places = {place.name: place for place in opened.places}
    if not places:
        raise DataError(f"The {role} holds no values", source.path, "Bring a file with a matrix of cells and genes")
    if source.counts != "auto":
        if source.counts not in places:
            remedy = f"Choose one of: {quoted(list(places), 30)}"
            raise DataError(f"The {role} has no such place for its values", source.counts, remedy)
        return places[source.counts], []
    ranked = sorted(opened.places, key=lambda place: (_rank(place), _order(place, opened)))
    chosen = ranked[0]
    if chosen.name == "X" or "X" not in places:
        return chosen, []
    what = f"X holds {_content(places['X'].sample)}; {_content(chosen.sample)} were found in {spoken(chosen.name)}."
    if chosen.n_genes != places["X"].n_genes:
        what = f"{what[:-1]}, for {chosen.n_genes:,} genes."
    remedy = f"Use {'counts' if _rank(chosen) == 0 else spoken(chosen.name)} (chosen)"
    return chosen, [Finding("note", role, what, remedy, "place", f"data.{role}.counts", chosen.name)]


def spoken(place: str) -> str:
    """A place as a sentence names it: X, `raw`, the layer `counts`."""
    return (
        f"the layer `{place.removeprefix('layers/')}`" if place.startswith("layers/") else place.replace("raw", "`raw`")
    )


def checked(matrix: CSR, role: Role, place: str) -> CSR:
    """The matrix in canonical form: sorted, without stored zeros.

    Raises
    ------
    DataError
        If there are too few cells or genes, values that are missing or infinite, or nothing but zeros.
    """
    n_cells, n_genes = matrix.shape
    require_values(n_cells, n_genes, role)
    matrix = in_order(finite(matrix, role, place))
    if matrix.nnz == 0:
        raise DataError(
            f"Every value of {place} in the {role} is zero", f"{n_cells:,} x {n_genes:,}", "Bring a file with values"
        )
    return matrix


def require_values(n_cells: int, n_genes: int, role: Role) -> None:
    """Refuse a matrix with too few cells or genes.

    Raises
    ------
    DataError
        If it has no cell or gene, or is a single cell.
    """
    if n_cells == 0 or n_genes == 0:
        raise DataError(
            f"The {role} is empty", f"{n_cells} cells, {n_genes} genes", "Bring a file that holds cells and genes"
        )
    if n_cells == 1 and role != "bulk":
        raise DataError(f"The {role} holds a single cell", "1 cell", "Bring a file with more cells")


def finite(matrix: CSR, role: Role, place: str, first_cell: int = 0) -> CSR:
    """The matrix, which holds nothing but numbers; ``first_cell`` is the number of its first row in the file.

    Raises
    ------
    DataError
        If its values are not numbers, or some are missing or infinite.
    """
    if matrix.dtype.kind not in "iufb":
        raise DataError(f"The values of {place} are not numbers", str(matrix.dtype), "Bring a file with numeric values")
    if matrix.dtype.kind == "f" and not np.isfinite(matrix.data).all():
        broken = ~np.isfinite(matrix.data)
        first = int(np.flatnonzero(broken)[0])
        cell = first_cell + int(np.searchsorted(matrix.indptr, first, side="right"))
        raise DataError(
            f"{counted(int(broken.sum()), 'value')} of {place} in the {role} cannot be used: missing or infinite",
            f"{matrix.data[first]} in cell {cell:,}, gene {int(matrix.indices[first]) + 1:,}",
            "Fill or remove them where the file was made; CellDesk does not guess values",
        )
    return matrix


def in_order(matrix: CSR) -> CSR:
    """The matrix with its columns sorted, each at most once in a row, and without stored zeros."""
    if not matrix.has_canonical_format or (matrix.data == 0).any():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return matrix


def value_findings(matrix: Matrix, role: Role) -> list[Finding]:
    """What is worth saying about the values: empty cells, and that nothing is missing."""
    found = []
    on_disk = isinstance(matrix, Blocks)
    empty = int(((matrix.sizes if on_disk else np.diff(matrix.indptr)) == 0).sum())
    if empty:
        unit = ("sample holds", "samples hold") if role == "bulk" else ("cell holds", "cells hold")
        what = f"{empty:,} {unit[empty != 1]} nothing but zeros."
        found.append(Finding("note", role, what, "Leave them out on the Quality page", "empty_cells"))
    if matrix.lowest >= 0 if on_disk else (matrix.data >= 0).all():
        what = "No missing, negative or infinite values."
        found.append(Finding("fine", role, what, NOTHING_TO_DO, "values"))
    return found


def _rank(place: Place) -> int:
    values = place.sample
    if not len(values) or not np.isfinite(values).all():
        return 4
    if values.min() < 0:
        return 3
    if is_whole(values):
        return 0
    return 1 if is_logged(values) else 2


def _order(place: Place, opened: Opened) -> tuple[int, int]:
    """Among equals: a layer named for counts, X, raw, then other layers; raw before X where raw has more genes."""
    if _COUNTS_LAYER.match(place.name):
        return 0, 0
    if place.name == "X":
        return 2, 0
    if place.name == "raw":
        wider = any(other.name == "X" and other.n_genes < place.n_genes for other in opened.places)
        return (1 if wider and _rank(place) else 3), 0
    return (5 if _NOT_EXPRESSION.match(place.name) else 4), opened.places.index(place)


def _content(values: np.ndarray) -> str:
    if not len(values):
        return "no values"
    if not np.isfinite(values).all():
        return "missing or infinite values"
    if values.min() < 0:
        return "scaled values"
    if is_whole(values):
        return "whole numbers"
    return "log values" if is_logged(values) else "linear values"
