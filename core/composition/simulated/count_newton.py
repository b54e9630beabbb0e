"""Newton's method for the count model of one gene."""

from __future__ import annotations

import numba
import numpy as np

from core.composition.simulated.count_likelihood import derivatives, log_likelihood

LEAST_LOG_THETA, GREATEST_LOG_THETA = -7.0, 9.0
"""Beyond these the counts are all but always zero, or all but Poisson."""
MOST_STEPS, MOST_HALVINGS = 60, 20
LONGEST_STEP = 2.0
CLOSE_ENOUGH = 1e-8
LEAST_CURVATURE = 1e-6


@numba.njit(cache=True, nogil=True)
def newton(
    y: np.ndarray,
    codes: np.ndarray,
    covariates: np.ndarray,
    offset: np.ndarray,
    start: np.ndarray,
    n_types: int,
    centre: float,
    inflated: bool,
    prior: np.ndarray,
    precision: np.ndarray,
) -> tuple[np.ndarray, float, float]:
    """The parameters of highest likelihood, less half of ``precision`` times the squared distance from ``prior``.

    Each step solves the arrow-shaped system of second derivatives (types are independent of each other given the rest);
    directions of the wrong curvature are turned, and a step is halved until the objective does not fall.

    Returns
    -------
    Parameters, their log likelihood, and the sampling variance of the log dispersion parameter.
    """
    p = start.copy()
    gradient, wide = np.empty(p.size), p.size - n_types
    types, mixed, rest = np.empty(n_types), np.empty((n_types, wide)), np.empty((wide, wide))
    value = log_likelihood(y, codes, covariates, offset, p, n_types, centre, inflated)
    objective = value - _penalty(p, prior, precision)
    variance = 1 / LEAST_CURVATURE
    for _ in range(MOST_STEPS):
        derivatives(y, codes, covariates, offset, p, n_types, centre, inflated, gradient, types, mixed, rest)
        gradient -= precision * (p - prior)
        types += precision[:n_types]
        for row in range(wide):
            rest[row, row] += precision[n_types + row]
        _hold(p, inflated, gradient, mixed, rest)
        step, variance = _step(gradient, types, mixed, rest)
        if (gradient * step).sum() < CLOSE_ENOUGH:
            break
        step *= min(1.0, LONGEST_STEP / np.abs(step).max())
        better, trial, found = False, p, value
        for _ in range(MOST_HALVINGS):
            trial = p + step
            trial[-1] = min(max(trial[-1], LEAST_LOG_THETA), GREATEST_LOG_THETA)
            found = log_likelihood(y, codes, covariates, offset, trial, n_types, centre, inflated)
            if found - _penalty(trial, prior, precision) > objective:
                better = True
                break
            step *= 0.5
        if not better:
            break
        p, value = trial, found
        objective = value - _penalty(p, prior, precision)
    return p, value, variance


@numba.njit(cache=True, nogil=True)
def _penalty(p: np.ndarray, prior: np.ndarray, precision: np.ndarray) -> float:
    return 0.5 * (precision * (p - prior) ** 2).sum()


@numba.njit(cache=True, nogil=True)
def _hold(p: np.ndarray, inflated: bool, gradient: np.ndarray, mixed: np.ndarray, rest: np.ndarray) -> None:
    """Take parameters that may not move out of the system."""
    wide = rest.shape[0]
    for back in range(1, 4):
        at = wide - back
        if back == 1:
            low = p[-1] <= LEAST_LOG_THETA and gradient[-1] < 0
            held = low or (p[-1] >= GREATEST_LOG_THETA and gradient[-1] > 0)
        else:
            held = not inflated
        if held:
            gradient[gradient.size - back] = 0.0
            mixed[:, at] = 0.0
            rest[at, :] = 0.0
            rest[:, at] = 0.0
            rest[at, at] = LEAST_CURVATURE


@numba.njit(cache=True, nogil=True)
def _step(gradient: np.ndarray, types: np.ndarray, mixed: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, float]:
    n_types = types.size
    for kind in range(n_types):
        types[kind] = max(abs(types[kind]), LEAST_CURVATURE)
    weighted = mixed / types.reshape(-1, 1)
    values, vectors = np.linalg.eigh(rest - mixed.T @ weighted)
    values = np.maximum(np.abs(values), LEAST_CURVATURE)
    inner = gradient[n_types:] - weighted.T @ gradient[:n_types]
    step = np.empty(gradient.size)
    step[n_types:] = vectors @ ((vectors.T @ inner) / values)
    step[:n_types] = gradient[:n_types] / types - weighted @ step[n_types:]
    return step, (vectors[-1] ** 2 / values).sum()
