"""Multinomial logistic regression: the linear member that votes beside the networks."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

STRENGTH = 0.1
ABSENT_BIAS = -30.0
SPREAD_FROM = 1000


@dataclass(frozen=True)
class LinearMember:
    """A linear classifier kept as two arrays, so that it lies in the model file beside the networks' weights.

    Attributes
    ----------
    weight
        (n_types, n_genes), logit per unit of each scaled gene.
    bias
        (n_types,), logit.
    """

    weight: np.ndarray
    bias: np.ndarray

    def logits(self, values: np.ndarray) -> np.ndarray:
        """Unnormalised log-probabilities.

        Parameters
        ----------
        values
            (n_cells, n_genes), scaled as in training.

        Returns
        -------
        (n_cells, n_types), float32.
        """
        return np.asarray(values @ self.weight.T + self.bias, dtype=np.float32)

    def to_dict(self) -> dict[str, np.ndarray]:
        """The arrays by name, for the model file."""
        return {"weight": self.weight, "bias": self.bias}

    @classmethod
    def from_dict(cls, values: Mapping[str, np.ndarray]) -> LinearMember:
        """The member that `to_dict` wrote."""
        return cls(np.asarray(values["weight"]), np.asarray(values["bias"]))


def fit_linear(
    values: np.ndarray,
    labels: np.ndarray,
    n_types: int,
    *,
    strength: float = STRENGTH,
    balanced: bool = True,
    max_iterations: int = 100,
) -> LinearMember:
    """Fit an L2-penalised multinomial logistic regression.

    Parameters
    ----------
    values
        (n_cells, n_genes), z-scored genes.
    labels
        (n_cells,), type numbers from 0 to ``n_types - 1``.
    n_types
        How many types the answer has. A type without a cell in ``labels`` gets a probability near zero.
    strength
        Inverse weight of the penalty; smaller values shrink more.
    balanced
        Whether each type counts the same in the loss, however many cells it has.
    max_iterations
        Steps of L-BFGS at most.

    Returns
    -------
    The member; the same data give the same arrays.

    Raises
    ------
    DataError
        If the cells are all of one type.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    if len(present) < 2:
        raise DataError(
            "A linear model needs cells of two types or more",
            value=f"{len(present)} type(s)",
            remedy="Add labelled cells of another type to the reference",
        )
    # The penalty is that of ``values``; where their spread is far from one, at one the search needs half the steps.
    scale = float(np.std(values[:: -(-len(values) // SPREAD_FROM)])) or 1.0
    if 0.5 < scale < 2:
        scale = 1.0
    model = LogisticRegression(
        C=strength * scale**2, class_weight="balanced" if balanced else None, max_iter=max_iterations, tol=1e-3
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ``max_iterations`` is a limit that may be reached
        model.fit(np.ascontiguousarray(values if scale == 1 else values / scale, dtype=np.float32), labels)
    rows, offsets = np.asarray(model.coef_) / scale, np.asarray(model.intercept_)
    if len(present) == 2:
        # scikit-learn keeps one row for two types; halves of opposite sign give the same probabilities by softmax.
        rows, offsets = np.vstack([-rows, rows]) / 2, np.concatenate([-offsets, offsets]) / 2
    weight = np.zeros((n_types, values.shape[1]), dtype=np.float32)
    bias = np.full(n_types, ABSENT_BIAS, dtype=np.float32)
    weight[present], bias[present] = rows, offsets
    return LinearMember(weight, bias)
