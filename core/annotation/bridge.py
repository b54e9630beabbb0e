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


def bridge_types(table: pd.DataFrame, rna: pd.DataFrame, peaks: pd.DataFrame) -> pd.DataFrame:
    """What became of the bridge's cells, type by type, and how far the two ways of calling them can be trusted.

    Parameters
    ----------
    table
        From ``bridge_labels``.
    rna
        Scores of the RNA classifier on held-out cells of the reference: cell_type and recall.
    peaks
        Scores of the peak classifier on held-out cells of the bridge, whose RNA said what they are: the same.

    Returns
    -------
    As ``fates``, a row per type, with ``probability`` (mean, of the label by RNA), ``rna_right`` (share of the
    reference's held-out cells of this type that the RNA classifier calls so) and ``peaks_agree`` (share of the
    bridge's held-out cells of this type that their peaks call so). Shares lie in 0 to 1; missing where no cell is.
    """
    counted = fates(table)
    names = counted["cell_type"]
    mean = table.groupby("cell_type")["probability"].mean()
    right, agree = (part.set_index(part["cell_type"].astype(str))["recall"] for part in (rna, peaks))
    return counted.assign(
        probability=mean.reindex(names).to_numpy(),
        rna_right=right.reindex(names).to_numpy(),
        peaks_agree=agree.reindex(names).to_numpy(),
    )
