"""Do groups found in the code agree with groups found in the profiles, and with the cell types?"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.embedding.clusters import k_means
from core.evaluation.autoencoder import PLAIN
from core.evaluation.cross_validation import Fold
from core.evaluation.rows import rows

RUNS = 20


def clusters(fold: Fold) -> list[dict[str, Any]]:
    """Mean normalised mutual information over 20 k-means runs, with as many groups as types, on all cells.

    Returns
    -------
    Metric ``nmi`` (0 to 1) of the methods ``profiles_and_labels``, ``codes_and_labels`` and ``profiles_and_codes``.
    Codes are those of the plain autoencoder, each cell's divided by its sum of absolute values, without which a
    cell's total count decides its group.

    Source: Kinalis et al. 2019, comparison of clusterings.
    """
    from sklearn.metrics import normalized_mutual_info_score as nmi

    profiles = np.concatenate([fold.train, fold.test])
    labels = np.concatenate([fold.train_labels, fold.test_labels])
    codes = fold.network(PLAIN).code(profiles)
    total = np.abs(codes).sum(axis=1, keepdims=True)
    codes = codes / np.where(total > 0, total, 1)
    n_types = len(np.unique(labels))
    pairs: dict[str, list[float]] = {"profiles_and_labels": [], "codes_and_labels": [], "profiles_and_codes": []}
    for run in range(RUNS):
        start = fold.seed * RUNS + run
        by_profile = k_means(profiles, n_types, start, starts=1)
        by_code = k_means(codes, n_types, start, starts=1)
        pairs["profiles_and_labels"].append(float(nmi(by_profile, labels)))
        pairs["codes_and_labels"].append(float(nmi(by_code, labels)))
        pairs["profiles_and_codes"].append(float(nmi(by_profile, by_code)))
    return [
        row for method, found in pairs.items() for row in rows("clusters", method, {"nmi": float(np.mean(found))}, fold)
    ]
