"""Marker genes of a selection of cells, for a page that must not hold the expression matrix."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
from scipy import sparse

from core.data.normalise import Matrix
from core.data.units import LARGEST_LOG
from core.embedding.selection import markers
from core.project import Project
from core.results import Results


def find(project: str, run: str, cells: list[int], key: str) -> int:
    """Compare the selected cells of a run with the rest and keep the table as ``results/markers/KEY/markers.csv``.

    Parameters
    ----------
    project
        Folder of the project.
    run
        Folder name of the run.
    cells
        Row numbers of the selected cells.
    key
        Content key of run and cells.

    Returns
    -------
    How many genes were compared.

    Raises
    ------
    DataError
        If fewer than two cells lie inside or outside the selection.
    """
    opened = Project(Path(project))
    adata = Results(opened.run(run)).adata
    values = cast("Matrix", sparse.csr_matrix(adata.X))
    # a file without counts may hold linear values, whose exponential would be beyond all numbers
    if values.nnz and values.data.max() > LARGEST_LOG:
        values = values.log1p()
    mask = np.zeros(adata.n_obs, dtype=bool)
    mask[cells] = True
    table = markers(values, list(adata.var_names), mask)
    opened.store("markers", key, lambda folder: table.to_csv(folder / "markers.csv", index=False))
    return len(table)
