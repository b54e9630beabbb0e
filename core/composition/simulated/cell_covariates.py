"""What is known of each reference cell before its counts: type, library size and further covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import DataError


@dataclass(frozen=True)
class CellDesign:
    """The covariates of cells, as numbers.

    Attributes
    ----------
    labels
        Names of the cell types.
    codes
        (n_cells,), number of each cell's type in ``labels``.
    library
        (n_cells,), counts of each cell over all genes.
    covariates
        (n_cells, n_columns), 0 or 1 for each level of a categorical covariate but its first, numeric ones with mean 0
        and standard deviation 1.
    columns
        Names of the columns of ``covariates``.
    """

    labels: tuple[str, ...]
    codes: np.ndarray
    library: np.ndarray
    covariates: np.ndarray
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def rows(self, chosen: np.ndarray) -> CellDesign:
        """The cells ``chosen`` (row numbers, repeats allowed), in that order."""
        return CellDesign(self.labels, self.codes[chosen], self.library[chosen], self.covariates[chosen], self.columns)


def cell_design(
    codes: np.ndarray, labels: Sequence[str], library: np.ndarray, covariates: pd.DataFrame | None = None
) -> CellDesign:
    """Cell types and covariates as columns of numbers.

    Parameters
    ----------
    codes
        (n_cells,), number of each cell's type in ``labels``.
    labels
        Names of the types.
    library
        (n_cells,), counts of each cell over all genes.
    covariates
        Columns of the cells, categorical (such as a batch) or numeric (such as an age); none if empty.

    Raises
    ------
    DataError
        If a type has fewer than two cells, a cell has no counts, or a covariate has gaps, does not vary, or follows
        from the cell type and the covariates before it.
    """
    codes, labels, library = np.asarray(codes, dtype=np.int64), tuple(labels), np.asarray(library, dtype=float).ravel()
    _check_types(codes, labels)
    empty = int((~(library > 0)).sum())
    if empty:
        raise DataError("Some cells have no counts", empty, "Remove empty cells on the Quality page")
    design = np.eye(len(labels))[codes]
    columns: list[str] = []
    for name, column in () if covariates is None else covariates.items():
        values, levels = _encoded(column)
        wider = np.column_stack([design, values])
        if np.linalg.matrix_rank(wider) < wider.shape[1]:
            raise DataError(
                "A covariate follows from the cell type and the covariates before it, so their effects cannot be told "
                "apart",
                str(name),
                "Leave it out, or bring cells of each type from several of its levels",
            )
        design = wider
        columns += levels
    return CellDesign(labels, codes, library, np.ascontiguousarray(design[:, len(labels) :]), tuple(columns))


def _check_types(codes: np.ndarray, labels: Sequence[str]) -> None:
    cells = np.bincount(codes, minlength=len(labels))
    if (cells < 2).any():
        raise DataError(
            "Some cell types have fewer than two cells to learn from",
            [labels[number] for number in np.flatnonzero(cells < 2).tolist()],
            "Add cells of these types to the reference, or leave the types out",
        )


def _encoded(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    name = str(column.name)
    if column.isna().any():
        raise DataError("A covariate has gaps", name, "Fill them in the file, or leave the covariate out")
    if column.nunique() < 2:
        raise DataError("A covariate is the same in every cell", name, "Leave it out")
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float)
        return ((values - values.mean()) / values.std())[:, None], [name]
    levels = sorted(column.astype(str).unique())
    values = column.astype(str).to_numpy()[:, None] == np.array(levels[1:])[None]
    return values.astype(float), [f"{name}: {level}" for level in levels[1:]]
