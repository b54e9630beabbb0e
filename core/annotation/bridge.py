"""Labels that cross a bridge: which multiome cells may teach their peaks the type that their RNA was given."""

from __future__ import annotations

import numpy as np
import pandas as pd

FATES = ("used", "not assigned", "unsure", "too few of the type")


def bridge_labels(annotation: pd.DataFrame, least_probability: float, least_cells: int) -> pd.DataFrame:
    """The bridge's cells with what becomes of each.

    Parameters
    ----------
    annotation
        A row per bridge cell, labelled by its RNA: cell, cell_type, probability (calibrated, 0 to 1), assigned.
    least_probability
        Cells labelled less surely are left out.
    least_cells
        Types with fewer usable cells are left out.

    Returns
    -------
    A row per cell: cell, cell_type, probability, assigned, and fate: used, not assigned (unlike the RNA reference),
    unsure, or too few of the type.
    """
    table = annotation.loc[:, ["cell", "cell_type", "probability", "assigned"]].reset_index(drop=True)
    types, assigned = np.asarray(table["cell_type"], dtype=str), np.asarray(table["assigned"], dtype=bool)
    sure = np.asarray(table["probability"]) >= least_probability
    names, sizes = np.unique(types[assigned & sure], return_counts=True)
    common = np.isin(types, names[sizes >= least_cells])
    return table.assign(fate=np.select([~assigned, ~sure, ~common], FATES[1:], default=FATES[0]))


def used(table: pd.DataFrame) -> np.ndarray:
    """(n_cells,) True for cells that teach their peaks, from ``bridge_labels``."""
    return (table["fate"] == FATES[0]).to_numpy()


def fates(table: pd.DataFrame) -> pd.DataFrame:
    """A row per type that the RNA called: cell_type, and cells of each fate, the largest type first."""
    counts = pd.crosstab(table["cell_type"], table["fate"]).reindex(columns=list(FATES), fill_value=0)
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return counts.loc[order].rename_axis(columns=None).reset_index()
