"""Leave one type out of the training: are its cells still rebuilt as themselves?"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.evaluation.autoencoder import PLAIN
from core.evaluation.cross_validation import Fold
from core.evaluation.rank_test import distances
from core.evaluation.rows import rows


def left_out(values: np.ndarray, labels: np.ndarray, types: list[str], fold: Fold) -> list[dict[str, Any]]:
    """Train a plain autoencoder without each type in turn, then rebuild the cells of that type.

    Parameters
    ----------
    values
        (n_cells, n_genes), all cells.
    labels
        (n_cells,), type numbers.
    types
        Names by number.
    fold
        Gives fit and seed; its split is not used, since whole types are held out.

    Returns
    -------
    For each type the share of its reproduced profiles nearer to their own profile than to every training cell, by
    squared error (metric ``own_profile_share:TYPE``, 0 to 1), and ``own_profile_share``, their mean over cells.

    Source: Cell Identity Codes, "leave-one-type-out".
    """
    hits: list[np.ndarray] = []
    metrics: dict[str, float] = {}
    for number, name in enumerate(types):
        absent = labels == number
        others, kinds = np.unique(labels[~absent], return_inverse=True)
        if len(others) < 2:
            continue
        network = fold.fit(values[~absent], kinds, False, fold.seed)
        hit = own_is_nearest(values[absent], network.rebuild(values[absent]), values[~absent])
        metrics[f"own_profile_share:{name}"] = float(hit.mean())
        hits.append(hit)
    if hits:
        metrics["own_profile_share"] = float(np.concatenate(hits).mean())
    return rows("left_out", PLAIN, metrics, fold)


def own_is_nearest(profiles: np.ndarray, reproduced: np.ndarray, training: np.ndarray) -> np.ndarray:
    """(n_cells,), True where the reproduced profile is nearer to its own profile than to every training cell."""
    own = ((np.asarray(profiles, dtype=np.float64) - reproduced) ** 2).mean(axis=1)
    return own < distances(reproduced, training, "mse").min(axis=1)
