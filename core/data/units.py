"""What the values are: counts, logged or linear; and counts again wherever they can be had exactly."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from scipy import sparse

from core.data.cache_file import Facts
from core.data.findings import Finding
from core.data.inversion import Base, counts_behind, linear, wholeness
from core.data.types import CSR
from core.data.wording import counted, opening
from core.errors import DataError
from core.specs import Role, SourceSpec

Unit = Literal["counts", "log1p", "log2", "cpm", "tpm", "linear", "values"]
"""``linear`` adds up over genes to no known total (FPKM, array intensities); of ``values`` nothing is known."""
LARGEST_LOG = 30.0
"""Values above this were never logged: two to the thirtieth is more than any count of molecules."""
LOGGED: dict[Base, str] = {
    "log1p": "natural log values of scaled counts",
    "log2": "log2 values of scaled counts",
    "linear": "counts scaled cell by cell",
}


def interpret(values: CSR, source: SourceSpec, role: Role, place: str) -> tuple[CSR, Unit, list[Finding]]:
    """Decide what the values are, unless the source says so, and bring them to counts or a linear scale where possible.

    Parameters
    ----------
    values
        (n_cells, n_genes) as stored, finite, without stored zeros.
    source
        ``unit`` forces the answer.
    role
        Bulk values leave on a linear scale; counts are looked for behind the values of cells.
    place
        Where the values lie, as the findings name it.

    Returns
    -------
    Values (n_cells, n_genes), float32; their unit; what was found.

    Raises
    ------
    DataError
        If counts are negative.
    """
    _refuse_negative_counts(values, source, role, place)
    unit: Unit
    if source.unit != "auto":
        changed, unit, found = _forced(values, source, role, place)
    elif values.nnz and values.data.min() < 0:
        what = f"{opening(place)} holds negative values, as after scaling, and there are no counts in the file."
        remedy = "Bring a file with raw counts"
        changed, unit, found = values, "values", [_choose(role, what, remedy)]
    elif is_whole(values.data):
        changed, unit, found = values, "counts", _whole_number_findings(values.data.max(initial=0), role, place)
    elif role == "bulk":
        changed, unit, found = _bulk(values, role, place)
    else:
        changed, unit, found = _cells(values, role, place)
    return changed.astype(np.float32), unit, found


def interpret_stored(facts: Facts, source: SourceSpec, role: Role, place: str) -> tuple[Unit, list[Finding]]:
    """Decide what values are that are read from disk in blocks: whole numbers are counts, all else must be said.

    Parameters
    ----------
    facts
        What was seen of the values when they were read once.
    source
        ``unit`` forces the answer.
    role, place
        For the findings.

    Raises
    ------
    DataError
        If counts are negative, or the values are neither counts nor of a unit that was said.
    """
    if facts.negative and (source.unit == "counts" or (source.unit == "auto" and facts.whole)):
        raise DataError(
            f"Counts in the {role} cannot be negative, but {counted(facts.negative, 'value')} of {place} "
            f"{'lies' if facts.negative == 1 else 'lie'} below zero",
            facts.lowest,
            "Choose the place that holds raw counts, or bring a file that holds them",
        )
    setting = f"data.{role}.unit"
    if source.unit == "log1p_cp10k" or (source.unit == "auto" and not facts.whole):
        raise DataError(
            f"{opening(place)} holds no raw counts, and values read from disk in blocks are not turned back into them",
            f"{facts.fractional:,} values that are not whole, from {facts.lowest:,.4g} to {facts.highest:,.4g}",
            f"Bring a file with raw counts, or set {setting} to what the values are, such as log1p",
        )
    if source.unit not in ("auto", "counts"):
        return cast("Unit", source.unit), []
    if facts.fractional:
        are = "is no whole number" if facts.fractional == 1 else "are not whole numbers"
        what = f"{counted(facts.fractional, 'value')} of {place} {are}. They are used as counts, as set."
        return "counts", [Finding("note", role, what, "Change the unit", "unit", setting)]
    return "counts", _whole_number_findings(facts.highest, role, place)


def is_whole(values: np.ndarray) -> bool:
    """Whether every value is a whole number."""
    return values.dtype.kind in "iub" or bool((values == np.rint(values)).all())


def is_logged(values: np.ndarray) -> bool:
    """Whether the values can be logarithms: small, not whole, not mere shares."""
    return bool(len(values)) and 1.0 < values.max() <= LARGEST_LOG and not is_whole(values)


def _refuse_negative_counts(values: CSR, source: SourceSpec, role: Role, place: str) -> None:
    negative = values.data < 0
    if not negative.any():
        return
    as_counts = source.unit in ("counts", "log1p_cp10k") or (source.unit == "auto" and is_whole(values.data))
    if as_counts or place.startswith("the layer `counts"):
        raise DataError(
            f"Counts in the {role} cannot be negative, but {counted(int(negative.sum()), 'value')} of {place} "
            f"{'lies' if negative.sum() == 1 else 'lie'} below zero",
            float(values.data.min()),
            "Choose the place that holds raw counts, or bring a file that holds them",
        )


def _forced(values: CSR, source: SourceSpec, role: Role, place: str) -> tuple[CSR, Unit, list[Finding]]:
    unit = source.unit
    setting = f"data.{role}.unit"
    if unit == "counts":
        if is_whole(values.data):
            return values, "counts", []
        share = 100 * float((values.data != np.rint(values.data)).mean())
        what = (
            f"{share:.3g} % of the non-zero values of {place} are not whole numbers. They are used as counts, as set."
        )
        return values, "counts", [Finding("note", role, what, "Change the unit", "unit", setting)]
    if unit == "log1p_cp10k":
        counts = counts_behind(values, "log1p")
        if counts is not None:
            return counts, "counts", [_turned_back(role, place, "log1p")]
        what = f"{opening(place)} was set as log1p-CP10k, but its cells do not come out in whole counts."
        what = f"{what} The log values are used."
        return values, "log1p", [_choose(role, what, "Change the unit")]
    if role == "bulk" and unit in ("log1p", "log2"):
        return _linearised(values, unit), "linear", [_taken_out_of_log(values, role, place, unit)]
    return values, cast("Unit", unit), []


def _cells(values: CSR, role: Role, place: str) -> tuple[CSR, Unit, list[Finding]]:
    logged = is_logged(values.data)
    bases: tuple[Base, ...] = ("log1p", "log2", "linear") if logged else ("linear",)
    for base in bases:
        counts = counts_behind(values, base)
        if counts is not None:
            return counts, "counts", [_turned_back(role, place, base)]
    if logged:
        base = log_base(values) or "log1p"
        name = "natural log" if base == "log1p" else "log2"
        what = f"{opening(place)} holds {name} values ({_span(values)})."
        if _without_zeros(values):  # arrays measure light: there never were counts
            note = f"{what} There are no zeros, as on arrays. They are used as they are."
            return values, base, [Finding("note", role, note, "Change the unit", "unit", f"data.{role}.unit")]
        what = f"{what} They cannot be turned back into counts exactly and are used as they are."
        return values, base, [_choose(role, what, "Change the unit or bring raw counts")]
    return _linear(values, role, place)


def _bulk(values: CSR, role: Role, place: str) -> tuple[CSR, Unit, list[Finding]]:
    if not is_logged(values.data):
        return _linear(values, role, place)
    base, sure = log_base(values), True
    if base is None:
        base, sure = "log2", False
    said = _taken_out_of_log(values, role, place, base, sure)
    values = _linearised(values, base)
    unit, found = _total(values, role)
    return values, unit, [said, *found]


def _linear(values: CSR, role: Role, place: str) -> tuple[CSR, Unit, list[Finding]]:
    unit, found = _total(values, role)
    if found:
        return values, unit, found
    what = f"{opening(place)} holds values that are neither counts nor logged ({_span(values)})."
    if values.nnz and values.data.max() <= LARGEST_LOG:
        return (
            values,
            "values",
            [_choose(role, f"{what} They are used as they are.", "Change the unit or bring counts")],
        )
    what = f"{what} They were read as linear values, such as FPKM or intensities, and are scaled by the total of each"
    note = Finding("note", role, f"{what} {_each(role)}.", "Change the unit", "unit", f"data.{role}.unit")
    return values, "linear", [note]


def _total(values: CSR, role: Role) -> tuple[Unit, list[Finding]]:
    """The unit of linear values by what each cell or sample adds up to, and what there is to say of it."""
    totals = np.asarray(values.sum(axis=1)).ravel()
    if not len(totals) or (np.abs(totals / 1e6 - 1) >= 0.05).any():
        return "linear", []
    # A count per million is a multiple of the sample's smallest value; a TPM is divided by gene length as well.
    unit: Unit = "cpm" if wholeness(values, "linear") > 0.5 else "tpm"
    about = "1,000,000" if (np.abs(totals / 1e6 - 1) < 1e-3).all() else f"about {np.median(totals):,.0f}"
    what = f"Each {_each(role)} adds up to {about}, so the unit was read as {unit.upper()}."
    return unit, [Finding("note", role, what, "Change the unit", "unit", f"data.{role}.unit")]


def _each(role: Role) -> str:
    return "sample" if role == "bulk" else "cell"


def log_base(values: CSR) -> Literal["log1p", "log2"] | None:
    """The logarithm of values that are logged, by constant totals, whole multiples and range; None if nothing tells."""
    for base in ("log1p", "log2"):
        scaled = sparse.csr_matrix((linear(values.data, base), values.indices, values.indptr), shape=values.shape)
        totals = np.asarray(scaled.sum(axis=1)).ravel()
        if totals.std() < 0.01 * totals.mean():
            return base
    natural, binary = wholeness(values, "log1p"), wholeness(values, "log2")
    if max(natural, binary) > 0.15 and max(natural, binary) > 1.5 * min(natural, binary):
        return "log1p" if natural > binary else "log2"
    if _without_zeros(values):
        return "log2"
    # log(1 + 1,000,000) is 13.8, so a natural log of CPM ends there.
    return "log2" if values.data.max() > np.log1p(1e6) else None


def _linearised(values: CSR, base: Literal["log1p", "log2"]) -> CSR:
    if base == "log2" and _without_zeros(values):
        scaled = np.exp2(values.data.astype(np.float64))
    else:
        scaled = linear(values.data.astype(np.float64), base)
    return sparse.csr_matrix((scaled, values.indices, values.indptr), shape=values.shape)


def _without_zeros(values: CSR) -> bool:
    return values.nnz > 0.999 * np.prod(values.shape, dtype=float)


def _taken_out_of_log(values: CSR, role: Role, place: str, base: str, sure: bool = True) -> Finding:
    binary = "2^x" if _without_zeros(values) else "2^x - 1"
    formula = "exp(x) - 1" if base == "log1p" else binary
    name = "natural log" if base == "log1p" else "log2"
    holds = f"{opening(place)} holds {name} values ({_span(values)})."
    if not sure:
        holds = (
            f"{opening(place)} holds logged values ({_span(values)}); {name} is usual for bulk, nothing tells for sure."
        )
    what = f"{holds} They were turned back into linear values, {formula}."
    return Finding("note" if sure else "choose", role, what, "Change the unit", "logged", f"data.{role}.unit")


def _turned_back(role: Role, place: str, base: Base) -> Finding:
    kept = "values" if base == "linear" else base
    what = f"{opening(place)} holds {LOGGED[base]}. They were turned back into counts"
    what = f"{what}; every cell came out in whole numbers."
    return Finding("note", role, what, "Use the values as they were", "turned_back", f"data.{role}.unit", kept)


def _whole_number_findings(highest: float, role: Role, place: str) -> list[Finding]:
    if 0 < highest <= 1:
        what = f"{opening(place)} holds only zeros and ones."
        return [_choose(role, what, "Keep it if the data are binary, else bring raw counts")]
    return [Finding("fine", role, f"{opening(place)} holds raw counts.", "Nothing to do", "counts")]


def _choose(role: Role, what: str, remedy: str) -> Finding:
    return Finding("choose", role, what, remedy, "unit", f"data.{role}.unit")


def _span(values: CSR) -> str:
    low = min(0.0, float(values.data.min())) if values.nnz < np.prod(values.shape) else float(values.data.min())
    return f"from {low:,.4g} to {values.data.max():,.4g}"
