"""How closely profiles that were never trained on are rebuilt from the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.evaluation.baselines import PCA_NAME, baselines
from core.evaluation.cross_validation import Fold
from core.evaluation.rows import rows


def reconstruction(fold: Fold) -> list[dict[str, Any]]:
    """Mean squared error on the test cells of both autoencoders and every baseline.

    Returns
    -------
    Rows with the metrics ``mse`` (unit of the values, squared) and ``explained`` (1 - mse / mse of the gene means,
    1 is perfect).

    Source: Cell Identity Codes, Fig. 2a and 2g.
    """
    rebuilt: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        method: network.rebuild for method, network in fold.networks.items()
    }
    for name, fitted in baselines(fold.train, fold.n_code, fold.seed).items():
        rebuilt[name] = fold.components.rebuild if name == PCA_NAME else fitted().rebuild
    errors = {method: squared_error(fold.test, rebuild(fold.test)) for method, rebuild in rebuilt.items()}
    worst = errors["gene_mean"]
    found = []
    for method, error in errors.items():
        explained = 1 - error / worst if worst > 0 else np.nan
        found += rows("reconstruction", method, {"mse": error, "explained": explained}, fold)
    return found


def squared_error(profiles: np.ndarray, reproduced: np.ndarray) -> float:
    """Mean over cells and genes of the squared difference."""
    return float(np.mean((np.asarray(profiles, dtype=np.float64) - reproduced) ** 2))
