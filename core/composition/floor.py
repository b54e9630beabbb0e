"""The score of one answer for every sample: what a method has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.composition.agreement import concordance

if TYPE_CHECKING:
    import pandas as pd


def constant_floor(table: pd.DataFrame) -> float:
    """Concordance of giving every sample the mean true proportions, over all types together.

    Parameters
    ----------
    table
        Columns cell_type and proportion (true, 0 to 1), one row for each sample and type.

    Returns
    -------
    Lin's concordance correlation, -1 to 1; 0 where all types have the same mean.
    """
    true = table["proportion"].to_numpy(float)
    same = table.groupby("cell_type", observed=True)["proportion"].transform("mean").to_numpy(float)
    return float(np.nan_to_num(concordance(true, same)))
