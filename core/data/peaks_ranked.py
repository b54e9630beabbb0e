"""How telling each peak is: seen in about half of the cells, or with most counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import column_sums
from core.data.normalise import values_of

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.specs.features import PeakScore


def peak_scores(dataset: Dataset, score: PeakScore = "variable") -> pd.DataFrame:
    """Peaks from the most to the least telling.

    Parameters
    ----------
    dataset
        Cells x peaks.
    score
        variable: 1 - abs(share of cells that show the peak - 0.5), so peaks seen in half of the cells come first. top:
        the sum of its counts.

    Returns
    -------
    One row per peak, indexed by its name, in rank order, ties by name: mean (count per cell), score, batches (always 1:
    peaks are ranked over all batches), rank (1 = first).

    Source: variable, episcanpy's ``variability_score`` as DeepSCore calls it; top, Signac's ``FindTopFeatures``.
    """
    sums, seen = column_sums(values_of(dataset))
    n = max(dataset.n_cells, 1)
    table = pd.DataFrame({"mean": sums / n}, index=pd.Index(dataset.genes, name="gene"))
    table["score"] = sums if score == "top" else 1 - np.abs(seen / n - 0.5)
    table["batches"] = 1
    table = table.reset_index().sort_values(["score", "gene"], ascending=[False, True], kind="stable")
    return table.assign(rank=np.arange(1, len(table) + 1)).set_index("gene")
