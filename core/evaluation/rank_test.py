"""Is a reproduced profile the nearest to its own profile, among all profiles of the test?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.stats import rankdata, wilcoxon

from core.evaluation.baselines import PCA_NAME
from core.evaluation.cross_validation import Fold
from core.evaluation.rows import rows

Measure = Literal["spearman", "mse"]
ENDINGS: dict[Measure, str] = {"spearman": "", "mse": "_mse"}
PLACES = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True)
class Ranks:
    """Places in both directions, 1 is the nearest.

    Attributes
    ----------
    forward
        (n_cells,), place of the reproduced profile among the other cells' profiles, by nearness to the cell's profile.
    reverse
        (n_cells,), place of the cell's profile among all profiles, by nearness to the reproduced profile.
    own
        (n_cells,), distance of profile and reproduced profile.
    nearest_other
        (n_cells,), distance of the profile and the nearest profile of another cell.
    """

    forward: np.ndarray
    reverse: np.ndarray
    own: np.ndarray
    nearest_other: np.ndarray


def ranks(profiles: np.ndarray, reproduced: np.ndarray, measure: Measure) -> Ranks:
    """Rank test by Spearman's correlation or by mean squared error.

    Parameters
    ----------
    profiles
        (n_cells, n_genes).
    reproduced
        (n_cells, n_genes), the same cells rebuilt from their codes.
    measure
        ``spearman``: distance is 1 - correlation over genes. ``mse``: mean squared difference over genes.

    Source: Cell Identity Codes, Fig. 2b, 2c and "reverse experiment".
    """
    among = distances(profiles, profiles, measure)
    across = distances(profiles, reproduced, measure)
    own = np.diagonal(across).copy()
    np.fill_diagonal(among, np.inf)
    forward = 1 + (among < own[:, None]).sum(axis=1)
    reverse = 1 + (across < own[None, :]).sum(axis=0)
    return Ranks(forward, reverse, own, among.min(axis=1))


def rank_test(fold: Fold) -> list[dict[str, Any]]:
    """Shares of first, second and third places on the test cells, for both autoencoders and PCA.

    Profiles must be expression: were genes centred one by one, the zeros of all cells would have the same order, and
    any two cells would correlate better than a cell with its smooth reproduced profile.

    Returns
    -------
    Rows with the metrics ``first_rank_share`` (also second, third), ``reverse_first_rank_share`` and ``wilcoxon_p``
    (own distance smaller than that of the nearest other cell, paired, one-sided), by Spearman's correlation; the same
    ending in ``_mse`` by squared error. Shares lie in 0 to 1.
    """
    rebuilt = {method: network.rebuild(fold.test) for method, network in fold.networks.items()}
    rebuilt[PCA_NAME] = fold.components.rebuild(fold.test)
    found = []
    for method, reproduced in rebuilt.items():
        for measure, ending in ENDINGS.items():
            found += rows("rank", method, _metrics(ranks(fold.test, reproduced, measure), ending), fold)
    return found


def distances(left: np.ndarray, right: np.ndarray, measure: Measure) -> np.ndarray:
    """(n_left, n_right), distance of every row of ``left`` to every row of ``right``."""
    if measure == "spearman":
        return 1 - _standard_ranks(left) @ _standard_ranks(right).T
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :] - 2 * left @ right.T
    return np.maximum(squares, 0) / left.shape[1]


def _standard_ranks(profiles: np.ndarray) -> np.ndarray:
    order = rankdata(profiles, axis=1)
    order -= order.mean(axis=1, keepdims=True)
    length = np.linalg.norm(order, axis=1, keepdims=True)
    return order / np.where(length > 0, length, 1)


def _metrics(found: Ranks, ending: str) -> dict[str, float]:
    metrics = {f"{name}_rank_share{ending}": float((found.forward == place).mean()) for place, name in PLACES.items()}
    metrics[f"reverse_first_rank_share{ending}"] = float((found.reverse == 1).mean())
    gap = found.own - found.nearest_other
    finite = gap[np.isfinite(gap)]
    if len(finite) and np.any(finite != 0):
        outcome: Any = wilcoxon(finite, alternative="less")
        metrics[f"wilcoxon_p{ending}"] = float(outcome.pvalue)
    return metrics
