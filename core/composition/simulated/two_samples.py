"""Can two samples of cells be told apart?"""

from __future__ import annotations

import numpy as np

TREES = 100
FOLDS = 5
NEIGHBOURS = 10
WITHIN_95 = 1.96


def two_sample_auc(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> float:
    """How well a classifier that has not seen a cell says which sample it is from.

    A random forest, since samples of the same mean can differ in their spread, which no linear rule sees. Cells are
    compared only with cells of the same fold, judged by the same trees: across folds the cells left out would tilt the
    scores against themselves, the more the fewer they are.

    Parameters
    ----------
    first, second
        (n_first, n_columns) and (n_second, n_columns), at least two cells each.
    rng
        Fixes folds and trees.

    Returns
    -------
    Area under the ROC curve; .5 is indistinguishable, 1 is told apart always.

    Source: Lopez-Paz and Oquab 2017; Airola et al. 2011 for comparisons within folds.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score

    values = np.vstack([first, second])
    truth = np.repeat([0, 1], [len(first), len(second)])
    n_folds = min(FOLDS, len(first), len(second))
    fold = np.concatenate([rng.permutation(np.arange(len(one)) % n_folds) for one in (first, second)])
    areas, pairs = np.empty(n_folds), np.empty(n_folds)
    for number in range(n_folds):
        judged = fold == number
        forest = RandomForestClassifier(
            TREES, min_samples_leaf=2, class_weight="balanced", random_state=int(rng.integers(2**31))
        )
        said = forest.fit(values[~judged], truth[~judged]).predict_proba(values[judged])
        areas[number] = roc_auc_score(truth[judged], said[:, -1])
        pairs[number] = truth[judged].sum() * (1 - truth[judged]).sum()
    return float(np.average(areas, weights=pairs))


def auc_interval(area: float, n_first: int, n_second: int) -> tuple[float, float]:
    """The 95 % interval of an area under the ROC curve.

    An area of 0 or 1 is taken as half a cell short of it, since few cells told apart do not make that sure.

    Source: Hanley and McNeil 1982.
    """
    short = 0.5 / min(n_first, n_second)
    inner = float(np.clip(area, short, 1 - short))
    one, two = inner / (2 - inner), 2 * inner**2 / (1 + inner)
    spread = inner * (1 - inner) + (n_second - 1) * (one - inner**2) + (n_first - 1) * (two - inner**2)
    margin = WITHIN_95 * float(np.sqrt(max(spread, 0) / (n_first * n_second)))
    return max(0.0, area - margin), min(1.0, area + margin)


def neighbour_mixing(first: np.ndarray, second: np.ndarray) -> float:
    """Share of each cell's nearest neighbours that are of the other sample, over the share that chance gives.

    Parameters
    ----------
    first, second
        (n_first, n_columns) and (n_second, n_columns), coordinates.

    Returns
    -------
    0 where the samples lie apart, about 1 where they are one.
    """
    from sklearn.neighbors import NearestNeighbors

    values = np.vstack([first, second])
    truth = np.repeat([0, 1], [len(first), len(second)])
    n = min(NEIGHBOURS, len(values) - 1)
    near = NearestNeighbors(n_neighbors=n).fit(values).kneighbors(return_distance=False)
    others = (truth[near] != truth[:, None]).mean(axis=1)
    by_chance = np.where(truth == 0, len(second), len(first)) / (len(values) - 1)
    return float((others / by_chance).mean())
