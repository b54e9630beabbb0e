"""Gene names: which column holds them, what they are, and each of them once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.blocks import Blocks, Matrix, digest, of_columns
from core.data.findings import NOTHING_TO_DO, Finding
from core.data.peaks import are_peaks
from core.data.types import CSR
from core.data.units import Unit
from core.data.wording import counted, quoted
from core.errors import DataError
from core.specs import Role, SourceSpec

GeneKind = Literal["symbol", "peaks", "ensembl", "entrez", "probe", "number", "other"]
Species = Literal["human", "mouse"]

_ENSEMBL = re.compile(r"^ENS[A-Z]{0,4}G\d{11}(\.\d+)?(_PAR_Y)?$")
_VERSION = re.compile(r"^(ENS[A-Z]{0,4}G\d{11})\.\d+(_PAR_Y)?$")
_PROBE = re.compile(r"(_at|_st)$|^ILMN_\d+$|^A_\d\d_P\d+$")
_SYMBOL = re.compile(r"^[A-Za-z][A-Za-z0-9]*([-._@][A-Za-z0-9]+)*$|^\d{7}[A-Z]\d{2}Rik$")
_HUMAN = re.compile(r"^[A-Z0-9][A-Z0-9orf.@_-]*$")
_MOUSE = re.compile(r"^[A-Z][a-z0-9.-]+[A-Za-z0-9.-]*$|^\d{7}[A-Z]\d{2}Rik$|^mt-")
_SYMBOL_COLUMNS = (
    "feature_name", "gene_symbols", "gene_symbol", "gene_name", "gene_names", "symbol", "symbols", "gene_short_name",
    "hgnc_symbol", "mgi_symbol", "external_gene_name", "gene", "genes", "name", "features",
)  # fmt: skip
_KINDS: dict[GeneKind, str] = {
    "symbol": "symbols",
    "ensembl": "Ensembl identifiers",
    "entrez": "Entrez numbers",
    "probe": "array probes",
    "peaks": "peaks of open chromatin",
    "number": "row numbers",
    "other": "of no kind that is known here",
}


@dataclass(frozen=True)
class GeneNames:
    """What names are, and of which species, as far as they tell."""

    kind: GeneKind
    species: Species | None

    @property
    def spoken(self) -> str:
        """``human symbols``."""
        return f"{self.species} {_KINDS[self.kind]}" if self.species else _KINDS[self.kind]


def gene_names(names: Iterable[object]) -> GeneNames:
    """The kind of most names: peaks, Ensembl identifiers, symbols (human upper, mouse title case), probes, numbers."""
    texts = [str(name) for name in names][:20_000]
    if not texts:
        return GeneNames("other", None)

    def share(pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.search(text)) for text in texts) / len(texts)

    if are_peaks(texts):
        return GeneNames("peaks", None)
    if share(_ENSEMBL) > 0.5:
        mouse = sum(text.startswith("ENSMUSG") for text in texts)
        human = sum(text.startswith("ENSG") for text in texts)
        return GeneNames("ensembl", "mouse" if mouse > human else "human" if human else None)
    if all(text.isdigit() for text in texts):
        in_order = texts == [str(int(texts[0]) + step) for step in range(len(texts))]
        return GeneNames("number" if in_order else "entrez", None)
    if share(_PROBE) > 0.5:
        return GeneNames("probe", None)
    if share(_SYMBOL) < 0.6:
        return GeneNames("other", None)
    human, mouse = share(_HUMAN), share(_MOUSE)
    lettered = sum(any(letter.isalpha() for letter in text) for text in texts) / len(texts)
    if human > 0.75 * lettered:
        return GeneNames("symbol", "human")
    return GeneNames("symbol", "mouse" if mouse > 0.6 * lettered else None)


def symbol_column(var: pd.DataFrame) -> str | None:
    """The column of ``var`` that holds gene symbols, if its name and content say so."""
    lower = {str(column).lower(): str(column) for column in var.columns}
    named = [lower[name] for name in _SYMBOL_COLUMNS if name in lower]
    return next((column for column in named if gene_names(var[column].dropna()).kind == "symbol"), None)


def resolve_genes(
    matrix: Matrix, var: pd.DataFrame, unit: Unit, source: SourceSpec, role: Role
) -> tuple[Matrix, pd.DataFrame, list[Finding]]:
    """Name every gene once.

    Versions of Ensembl identifiers are dropped. Genes that share a name become one: counts, CPM and TPM are added;
    logged values are added on the linear scale and logged again; other values are averaged.

    Parameters
    ----------
    matrix
        (n_cells, n_genes) values.
    var
        One row for each gene.
    unit
        What the values are.
    source
        ``gene_column`` chooses the names.
    role
        For the findings.

    Returns
    -------
    Values (n_cells, n_names), ``var`` indexed by unique names, and what was found.

    Raises
    ------
    DataError
        If the gene column is not there, or no gene has a name.
    """
    names, found = _names(var, source, role)
    known = names.notna() & (names.astype(str).str.strip() != "")
    if not known.all():
        n = int((~known).sum())
        what = f"{counted(n, 'gene has', 'genes have')} no name. {'It was' if n == 1 else 'They were'} left out."
        found.append(Finding("note", role, what, "Choose another column", "nameless", f"data.{role}.gene_column"))
        if not known.any():
            raise DataError(
                f"No gene of the {role} has a name", source.gene_column, "Choose another column for the names"
            )
        matrix = of_columns(matrix, np.flatnonzero(known))
        var, names = var.loc[known.to_numpy()], names[known]
    texts = pd.Series(names.astype(str)).str.strip()
    versioned = texts.str.match(_VERSION)
    if versioned.any():
        n = int(versioned.sum())
        what = f"{counted(n, 'Ensembl identifier carries', 'Ensembl identifiers carry')} a version. It was dropped."
        example = f"{texts[versioned].iloc[0]} became {texts[versioned].iloc[0].split('.')[0]}"
        found.append(Finding("note", role, what, example, "versions"))
        texts = texts.str.replace(_VERSION, r"\1\2", regex=True)
    var = var.set_axis(pd.Index(texts.to_numpy(), name=None), axis=0)
    repeated = var.index[var.index.duplicated()].unique()
    if len(repeated):
        matrix, var, how = _merged(matrix, var, unit)
        n = len(repeated)
        what = f"{counted(n, 'gene name occurs', 'gene names occur')} more than once. {how}"
        items = tuple(map(str, repeated[:500]))
        found.append(Finding("note", role, what, f"Show the {counted(n, 'gene')}", "duplicates", items=items))
    return matrix, var, [*found, _kind_finding(var, role)]


def _names(var: pd.DataFrame, source: SourceSpec, role: Role) -> tuple[pd.Series, list[Finding]]:
    index = pd.Series(var.index, dtype=object)
    setting = f"data.{role}.gene_column"
    if source.gene_column is not None:
        if source.gene_column not in var.columns:
            columns = quoted(list(var.columns), 30)
            remedy = f"Choose one of: {columns}" if columns else "Leave it empty to use the index; there are no columns"
            raise DataError(f"The {role} has no column for gene names by this name", source.gene_column, remedy)
        column = pd.Series(var[source.gene_column].astype(object).to_numpy())
        absent = column.isna() | (column.astype(str).str.strip() == "")
        if not absent.any() or absent.all():
            return column, []
        n = int(absent.sum())
        what = f"{counted(n, 'gene has', 'genes have')} no name in `{source.gene_column}`. The index names them."
        return column.where(~absent, index), [
            Finding("note", role, what, "Choose another column", "filled_names", setting)
        ]
    kind = gene_names(var.index).kind
    symbols = symbol_column(var) if kind != "symbol" else None
    if symbols is None:
        return index, []
    if kind == "number":
        what = f"The genes are numbered; their names were found in the column `{symbols}`."
        note = Finding("note", role, what, f"Use `{symbols}` (chosen)", "gene_column", setting, symbols)
        return pd.Series(var[symbols].astype(object).to_numpy()), [note]
    what = f"Gene names are {_KINDS[kind]}; the column `{symbols}` holds symbols."
    return index, [Finding("choose", role, what, f"Use `{symbols}`", "gene_column", setting, symbols)]


def without_version(names: Iterable[object]) -> list[str]:
    """``names`` as text, Ensembl identifiers without their version."""
    return [_VERSION.sub(r"\1\2", str(name).strip()) for name in names]


def renamed(matrix: Matrix, var: pd.DataFrame, names: Sequence[str], unit: Unit) -> tuple[Matrix, pd.DataFrame, str]:
    """Genes under new ``names`` (n_genes,), those of one name merged, and a sentence about that; empty without any."""
    var = var.set_axis(pd.Index(names, name=None), axis=0)
    repeated = var.index[var.index.duplicated()].unique()
    if not len(repeated):
        return matrix, var, ""
    matrix, var, how = _merged(matrix, var, unit)
    return matrix, var, f" {counted(len(repeated), 'name occurs', 'names occur')} more than once. {how}"


def _merged(matrix: Matrix, var: pd.DataFrame, unit: Unit) -> tuple[Matrix, pd.DataFrame, str]:
    codes, _ = pd.factorize(var.index)
    n_names = int(codes.max()) + 1
    if isinstance(matrix, Blocks):
        merged = matrix.mapped(partial(_together_in_block, codes, n_names, unit), n_names, digest(unit, codes))
    else:
        merged = _together(matrix, codes, n_names, unit)
    if unit in ("log1p", "log2"):
        how = "Their values were added on the linear scale and logged again."
    elif unit == "values":
        how = "Their values were averaged."
    else:
        how = f"Their {'counts' if unit == 'counts' else 'values'} were added together."
    return merged, var.loc[~var.index.duplicated()], how


def _together_in_block(codes: np.ndarray, n_names: int, unit: Unit, block: CSR, _: np.ndarray) -> CSR:
    return _together(block, codes, n_names, unit)


def _together(matrix: CSR, codes: np.ndarray, n_names: int, unit: Unit) -> CSR:
    """Columns of the same code as one, float32."""
    gather = sparse.csr_matrix(
        (np.ones(len(codes), np.float64), (np.arange(len(codes)), codes)), shape=(len(codes), n_names)
    )
    values = matrix.astype(np.float64)
    if unit == "log1p":
        values.data = np.expm1(values.data)
        values = sparse.csr_matrix(values @ gather)
        values.data = np.log1p(values.data)
    elif unit == "log2":
        values.data = np.exp2(values.data) - 1
        values = sparse.csr_matrix(values @ gather)
        values.data = np.log2(values.data + 1)
    elif unit == "values":
        values = sparse.csr_matrix(values @ gather @ sparse.diags(1 / np.bincount(codes)))
    else:
        values = sparse.csr_matrix(values @ gather)
    values.sort_indices()
    return values.astype(np.float32)


def _kind_finding(var: pd.DataFrame, role: Role) -> Finding:
    found = gene_names(var.index)
    if found.kind == "peaks":
        what = f"Features are peaks of open chromatin, such as {var.index[0]}."
        return Finding("fine", role, what, NOTHING_TO_DO, "gene_names")
    if found.kind in ("symbol", "ensembl"):
        return Finding("fine", role, f"Gene names are {found.spoken}.", NOTHING_TO_DO, "gene_names")
    what = f"Gene names are {found.spoken}, such as {quoted(list(var.index[:3]))}. Gene sets need symbols."
    return Finding("note", role, what, "Choose the column that holds symbols", "gene_names", f"data.{role}.gene_column")
