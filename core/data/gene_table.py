"""Genes named by a table that a person brings: identifiers in its first column, names in its second."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.data.blocks import Matrix
from core.data.findings import NOTHING_TO_DO, Finding
from core.data.genes import renamed, without_version
from core.data.units import Unit
from core.data.wording import counted
from core.errors import DataError
from core.specs import Role


def read_gene_table(path: Path) -> dict[str, str]:
    """Identifier -> name, from the first two columns of a table; rows without a name are left out.

    Raises
    ------
    DataError
        If it cannot be read or has a single column.
    """
    try:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        table = pd.read_csv(path, sep="\t" if "\t" in first else ",", dtype=str)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError("The table of gene names cannot be read", path.name, f"Give a CSV: {error}") from None
    if table.shape[1] < 2:
        remedy = "Give two columns: the identifier, then the name"
        raise DataError("The table of gene names has one column", list(table.columns), remedy)
    pairs = table.iloc[:, :2].dropna()
    return dict(zip(without_version(pairs.iloc[:, 0]), pairs.iloc[:, 1].str.strip(), strict=True))


def named_by_table(
    matrix: Matrix, var: pd.DataFrame, unit: Unit, path: Path, role: Role
) -> tuple[Matrix, pd.DataFrame, Finding]:
    """Genes (the index of ``var``) under the names of the table at ``path``; those of one name are merged.

    ``matrix``: (n_cells, n_genes). Genes that the table does not name keep theirs.

    Raises
    ------
    DataError
        If the table cannot be read or names none of the genes.
    """
    table = read_gene_table(path)
    known = sum(str(gene) in table for gene in var.index)
    if not known:
        raise DataError(
            f"The table of gene names names no gene of the {role}",
            f"{', '.join(map(str, var.index[:3]))}; the table has {', '.join(list(table)[:3])}",
            "Put the identifiers of the file into the first column",
        )
    matrix, var, how = renamed(matrix, var, [table.get(str(gene), str(gene)) for gene in var.index], unit)
    said = f"{counted(known, 'gene')} got the name that {path.name} gives.{how}"
    return matrix, var, Finding("note", role, said, NOTHING_TO_DO, "gene_table")
