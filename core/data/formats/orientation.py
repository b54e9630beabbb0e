"""Tables of numbers with names along both sides: which side is the genes, and which columns only describe."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.data.findings import Finding
from core.data.formats.opened import Opened, in_memory
from core.data.types import CSR
from core.errors import DataError
from core.specs import Role

Orientation = Literal["auto", "cells_in_rows", "genes_in_rows"]

_GENE_CORNER = re.compile(
    r"^(genes?([ _.-]?(ids?|names?|symbols?))?|geneid|(hgnc|mgi)?[ _.-]?symbols?|ensembl.*|ensg?|features?|probes?.*|"
    r"entrez.*|id_ref|hugo_symbol)$",
    re.IGNORECASE,
)
_CELL_CORNER = re.compile(
    r"^(cells?|barcodes?|samples?|donors?|patients?)([ _.-]?(ids?|names?|barcodes?))?$", re.IGNORECASE
)
_SURE_GENE = re.compile(
    r"^(ENS[A-Z]{0,4}G\d{11}|MT-[A-Z]+\d*|RP[LS]\d+[AXYL]?\d*|HLA-[A-Z]+\d*|CD\d{1,3}[A-Z]?|IL\d+[A-Z]*\d*|ACTB|GAPDH|B2M|"
    r"MALAT1|FTL|FTH1|EEF1A1|TMSB4X|LINC\d+|SLC\d+A\d+|ZNF\d+|KRT\d+|COL\d+A\d+|TMEM\d+|CCL\d+|CXCL\d+|FAM\d+[A-Z]\d*|"
    r"S100A\d+|mt-\w+|Rp[ls]\d+\w*|Slc\d+a\d+|Tmem\d+|Zfp\d+|Cd\d+\w*|\w+_at|ILMN_\d+|\d{7}[A-Z]\d{2}Rik)(\.\d+)?$"
)
_MAYBE_GENE = re.compile(
    r"^([A-Z][A-Z0-9]{1,6}[0-9][A-Z0-9]*|[A-Z]{3,6}\d*|[A-Z][a-z]{2,5}\d+[a-z]?\d*|[A-Z0-9]+orf\d+|[A-Z0-9]+-AS\d)$"
)
_BARCODE = re.compile(r"^(.*[_:.-])?[ACGT]{8,}([_.-]\w+)?$")
_DESCRIBES_CELL = re.compile(
    r"^(x_)?((t-?sne|umap|pca|pc|phate|force)[_ .-]?\d+|n_?(genes?|counts?|umis?)([_ .].*)?|n(count|feature)_.*|"
    r"(percent|pct|frac)[._ ].*|total_counts.*|clusters?|seurat_clusters|louvain.*|leiden.*|batch|donor.*|"
    r"sample(_?id)?|replicate|age|size_?factors?|s_score|g2m_score|doublet.*|orig\.ident|res\.[\d.]+|labels?|cell_?types?.*)$",
    re.IGNORECASE,
)
_DESCRIBES_GENE = re.compile(
    r"^(length|len|start|end|chr|chrom(osome)?|strand|entrez.*|gc(_?content)?|width|gene_?length|n_cells|exons?)$",
    re.IGNORECASE,
)
NAMES = 3000
"""Names of each side that are looked at."""


@dataclass(frozen=True)
class Table:
    """A table as read, before anyone knows what its rows are.

    Parameters
    ----------
    corner
        Header of the column that names the rows, empty if it has none.
    rows
        Names of the rows, or None if nothing names them.
    text
        Columns that are not numeric, one row for each row.
    columns
        Names of the numeric columns.
    values
        (n_rows, n_columns), CSR.
    """

    corner: str
    rows: Sequence[str] | None
    text: pd.DataFrame
    columns: Sequence[str]
    values: CSR


def oriented(table: Table, orientation: Orientation, role: Role, name: str) -> Opened:
    """The table as cells x genes, with the columns that only describe moved to ``obs`` or ``var``.

    Raises
    ------
    DataError
        If no numeric column is left.
    """
    way, sure = (orientation, True) if orientation != "auto" else _likely(table, role)
    pattern = _DESCRIBES_CELL if way == "cells_in_rows" else _DESCRIBES_GENE
    describes = np.array([bool(pattern.match(column)) for column in table.columns], dtype=bool)
    if describes.all():
        raise DataError(
            f"{name} holds no numbers for genes", None, "Bring a table with one number for each cell and gene"
        )
    about = table.text.copy()
    for position in np.flatnonzero(describes).tolist():
        about[table.columns[position]] = _dense_column(table.values, position)
    rows = table.rows if table.rows is not None else [str(number) for number in range(table.values.shape[0])]
    about.index = pd.Index([str(row) for row in rows], dtype=object)
    values = table.values[:, ~describes] if describes.any() else table.values
    others = pd.DataFrame(
        index=pd.Index([c for c, d in zip(table.columns, describes, strict=True) if not d], dtype=object)
    )
    findings = () if orientation != "auto" else (_finding(way, sure, role),)
    if way == "cells_in_rows":
        return Opened(about, (in_memory("X", values, others),), findings=findings, called="the table")
    return Opened(others, (in_memory("X", values.T, about),), findings=findings, called="the table")


def _likely(table: Table, role: Role) -> tuple[Orientation, bool]:
    """The likelier reading, and whether it is more than a guess."""
    if _GENE_CORNER.match(table.corner):
        return "genes_in_rows", True
    if _CELL_CORNER.match(table.corner) or table.rows is None:
        return "cells_in_rows", True
    rows, columns = _gene_likeness(table.rows), _gene_likeness(table.columns)
    if abs(rows - columns) > 0.05:
        return ("genes_in_rows" if rows > columns else "cells_in_rows"), True
    if len(table.text.columns):
        return "cells_in_rows", True
    n_rows, n_columns = table.values.shape
    if role == "bulk" and n_rows != n_columns:
        return ("genes_in_rows" if n_rows > n_columns else "cells_in_rows"), max(n_rows, n_columns) > 500
    return "cells_in_rows", False


def _gene_likeness(names: Sequence[str]) -> float:
    some = [str(name) for name in names[: NAMES * max(1, len(names) // NAMES) : max(1, len(names) // NAMES)]]
    if not some:
        return 0.0
    sure = sum(bool(_SURE_GENE.match(name)) for name in some)
    maybe = sum(bool(_MAYBE_GENE.match(name)) for name in some)
    barcodes = sum(bool(_BARCODE.match(name)) for name in some)
    return (sure + 0.3 * maybe - barcodes) / len(some)


def _finding(way: Orientation, sure: bool, role: Role) -> Finding:
    each, other = ("sample" if role == "bulk" else "cell"), "gene"
    row, column = (each, other) if way == "cells_in_rows" else (other, each)
    setting = f"data.{role}.orientation"
    turned = "genes_in_rows" if way == "cells_in_rows" else "cells_in_rows"
    if sure:
        what = f"Each row was read as a {row}, each column as a {column}."
        return Finding("note", role, what, "Turn the table", "orientation", setting, turned)
    what = f"The names do not tell rows from columns. Each row was read as a {row}, each column as a {column}."
    return Finding("choose", role, what, "Keep it or turn the table", "orientation", setting, turned)


def _dense_column(values: CSR, position: int) -> np.ndarray:
    return np.asarray(values[:, [position]].todense()).ravel()
