"""How unlike the reference a cell is, by four measures; all grow with strangeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Measure = Literal["max_logit", "cosine", "mahalanobis", "residual"]
MEASURES: tuple[Measure, ...] = ("max_logit", "cosine", "mahalanobis")
COMPONENTS = 30
NEIGHBOURS = 10
KEPT_PER_TYPE, LEAST_PER_TYPE, KEPT = 500, 50, 4000
"""Reference cells that may be neighbours: so many of a type at most, fewer where types are many; so many in all."""
AXES_FROM = 5000
"""Principal axes of more cells than these are found on a sample of so many."""
POWER_STEPS = 4
"""Of the randomised search for principal axes."""
SHRINKAGE = 0.1
BLOCK = 2048


@dataclass(frozen=True)
class Surroundings:
    """The reference as the distances need it.

    Attributes
    ----------
    centre
        (n_genes,), mean of the scaled genes.
    components
        (n_components, n_genes), principal axes, orthonormal rows.
    means
        (n_present, n_components), mean component scores of each type that has cells.
    precision
        (n_components, n_components), inverse of the pooled within-type covariance, shrunk to its mean variance.
    neighbours
        (n_kept, n_components), component scores of reference cells scaled to length one.
    """

    centre: np.ndarray
    components: np.ndarray
    means: np.ndarray
    precision: np.ndarray
    neighbours: np.ndarray

    def scores(self, values: np.ndarray) -> np.ndarray:
        """(n_cells, n_components), principal component scores of scaled genes."""
        return (values - self.centre) @ self.components.T

    def measured(self, values: np.ndarray, logits: np.ndarray, measures: tuple[Measure, ...]) -> np.ndarray:
        """Strangeness of each cell.

        Parameters
        ----------
        values
            (n_cells, n_genes), scaled genes.
        logits
            (n_cells, n_types), mean logits of the members.
        measures
            Which measures.

        Returns
        -------
        (n_cells, n_measures), larger is stranger; units differ from measure to measure, so compare ranks only.
        """
        parts = [
            self._block(values[start : start + BLOCK], logits[start : start + BLOCK], measures)
            for start in range(0, len(values), BLOCK)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(measures)))

    def _block(self, values: np.ndarray, logits: np.ndarray, measures: tuple[Measure, ...]) -> np.ndarray:
        scores = self.scores(values)
        found = {
            "max_logit": lambda: -logits.max(axis=1),
            "cosine": lambda: 1 - self._likeness(scores),
            "mahalanobis": lambda: self._distance(scores),
            "residual": lambda: self._residual(values, scores),
        }
        return np.column_stack([found[name]() for name in measures])

    def _likeness(self, scores: np.ndarray) -> np.ndarray:
        import torch

        likeness = torch.from_numpy(unit_length(scores) @ self.neighbours.T)
        nearest = min(NEIGHBOURS, likeness.shape[1])
        return torch.topk(likeness, nearest, dim=1).values.mean(dim=1).numpy()

    def _distance(self, scores: np.ndarray) -> np.ndarray:
        # with L L' the precision, the distance is the Euclidean one between rows times L
        whitened = np.linalg.cholesky(self.precision)
        gaps = (scores @ whitened)[:, None, :] - (self.means @ whitened)[None]
        return np.einsum("ntc,ntc->nt", gaps, gaps).min(axis=1)

    def _residual(self, values: np.ndarray, scores: np.ndarray) -> np.ndarray:
        # The rows of ``components`` are orthonormal, so Pythagoras gives the part outside their span.
        whole = ((values - self.centre) ** 2).sum(axis=1)
        return 1 - (scores**2).sum(axis=1) / np.maximum(whole, np.finfo(float).tiny)


def surroundings(values: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Surroundings:
    """Learn the reference's components, type means and spread.

    Parameters
    ----------
    values
        (n_cells, n_genes), scaled genes.
    labels
        (n_cells,), type numbers.
    rng
        Draws the start of the components, the cells they are found on and those kept as neighbours.

    Source: Lee et al. 2018 (Mahalanobis); Sun et al. 2022 (nearest neighbours); Hendrycks et al. 2022 (max logit).
    """
    centre = values.mean(axis=0)
    n_components = max(1, min(COMPONENTS, *(side - 1 for side in values.shape)))
    some = values[_some(np.arange(len(values)), AXES_FROM, rng)] if len(values) > AXES_FROM else values
    components = principal_axes(some - centre, n_components, rng)
    scores = values @ components.T - centre @ components.T
    present, number = np.unique(labels, return_inverse=True)
    means = np.stack([scores[number == kind].mean(axis=0) for kind in range(len(present))])
    within = scores - means[number]
    spread = within.T @ within / len(within)
    even = np.trace(spread) / n_components
    # A floor keeps the inverse finite where all cells of each type are identical.
    shrunk = (1 - SHRINKAGE) * spread + max(SHRINKAGE * even, 1e-6) * np.eye(n_components)
    most = min(KEPT_PER_TYPE, max(LEAST_PER_TYPE, KEPT // len(present)))
    kept = [_some(np.flatnonzero(number == kind), most, rng) for kind in range(len(present))]
    return Surroundings(
        centre.astype(np.float32),
        components.astype(np.float32),
        means.astype(np.float32),
        np.linalg.inv(shrunk).astype(np.float32),
        unit_length(scores[np.concatenate(kept)]).astype(np.float32),
    )


def principal_axes(centred: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n, n_genes), orthonormal axes along which ``centred`` (n_cells, n_genes) varies most."""
    from sklearn.utils.extmath import randomized_svd

    steps: Any = POWER_STEPS  # scikit-learn states "auto" as the only choice
    return randomized_svd(centred, n, n_iter=steps, random_state=int(rng.integers(2**31)))[2]


def unit_length(rows: np.ndarray) -> np.ndarray:
    """Each row divided by its length; rows of zeros stay zeros."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def _some(cells: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    return cells if len(cells) <= most else np.sort(rng.choice(cells, most, replace=False))
