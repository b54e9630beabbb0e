"""Negative binomial counts of one gene, with or without further zeros: likelihood, slope, curvature.

The parameters of a gene lie in one vector: log mean of each type, effects of the covariates, intercept and slope of the
zeros' logit, log dispersion parameter theta (variance = mean + mean^2 / theta).
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def digammas(x: float) -> tuple[float, float]:
    """Digamma and trigamma of ``x`` > 0: upward recurrence, then the asymptotic series (relative error below 1e-12)."""
    first, second = 0.0, 0.0
    while x < 12.0:
        first -= 1.0 / x
        second += 1.0 / (x * x)
        x += 1.0
    r = 1.0 / (x * x)
    first += math.log(x) - 0.5 / x - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))
    second += 1.0 / x + 0.5 * r + r / x * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * 5 / 66))))
    return first, second


@numba.njit(cache=True, nogil=True)
def log_likelihood(
    y: np.ndarray,
    codes: np.ndarray,
    covariates: np.ndarray,
    offset: np.ndarray,
    p: np.ndarray,
    n_types: int,
    centre: float,
    inflated: bool,
) -> float:
    """Log likelihood of one gene's counts.

    Parameters
    ----------
    y
        (n_cells,), counts.
    codes, covariates, offset
        (n_cells,), (n_cells, n_columns) and (n_cells,): type, further covariates and log library size of each cell.
    p
        (n_types + n_columns + 3,), the parameters.
    centre
        Log mean at which the zeros' logit is its intercept.
    inflated
        Whether zeros beyond the negative binomial's are possible.
    """
    intercept, slope, tau = p[-3], p[-2], p[-1]
    theta = math.exp(tau)
    at_theta = math.lgamma(theta)
    total = 0.0
    for cell in range(y.size):
        eta = p[codes[cell]] + offset[cell]
        for column in range(covariates.shape[1]):
            eta += p[n_types + column] * covariates[cell, column]
        mean = math.exp(min(eta, 30.0))
        log_zero = -theta * math.log1p(mean / theta)
        zeta = intercept + slope * (eta - centre)
        if y[cell] > 0:
            total += math.lgamma(y[cell] + theta) - at_theta - math.lgamma(y[cell] + 1.0) + log_zero
            total += y[cell] * (eta - math.log(theta + mean))
        elif inflated:
            total += _log_sum(zeta, log_zero)
        else:
            total += log_zero
        if inflated:
            total -= _log_sum(zeta, 0.0)
    return total


@numba.njit(cache=True, nogil=True)
def derivatives(
    y: np.ndarray,
    codes: np.ndarray,
    covariates: np.ndarray,
    offset: np.ndarray,
    p: np.ndarray,
    n_types: int,
    centre: float,
    inflated: bool,
    gradient: np.ndarray,
    types: np.ndarray,
    mixed: np.ndarray,
    rest: np.ndarray,
) -> None:
    """Slope of :func:`log_likelihood`, and minus its second derivatives, written into the last four arguments.

    Parameters
    ----------
    gradient
        (n_parameters,).
    types
        (n_types,), second derivatives of each type's log mean; those of two types are zero.
    mixed, rest
        (n_types, n_others) and (n_others, n_others), types by all other parameters, and these among themselves.
    """
    gradient[:], types[:], mixed[:], rest[:] = 0.0, 0.0, 0.0, 0.0
    n_columns = covariates.shape[1]
    zero, slope_at, tau_at = n_columns, n_columns + 1, n_columns + 2
    intercept, slope, tau = p[-3], p[-2], p[-1]
    theta = math.exp(tau)
    psi_theta, psi1_theta = digammas(theta)
    for cell in range(y.size):
        kind = codes[cell]
        eta = p[kind] + offset[cell]
        for column in range(n_columns):
            eta += p[n_types + column] * covariates[cell, column]
        away = eta - centre
        zeta = intercept + slope * away
        f_e, f_z, f_t, f_ee, f_ez, f_et, f_zz, f_zt, f_tt = _of_one_cell(
            y[cell], math.exp(min(eta, 30.0)), zeta, theta, psi_theta, psi1_theta, inflated
        )
        if inflated:
            # the logit follows the mean, so the chain rule adds its part to every derivative in eta
            f_e_all = f_e + slope * f_z
            f_ee_all = f_ee + 2 * slope * f_ez + slope * slope * f_zz
            f_ez_all = f_ez + slope * f_zz
            f_es = away * f_ez_all + f_z
            f_et += slope * f_zt
            f_e, f_ee = f_e_all, f_ee_all
            gradient[n_types + zero] += f_z
            gradient[n_types + slope_at] += away * f_z
            mixed[kind, zero] -= f_ez_all
            mixed[kind, slope_at] -= f_es
            rest[zero, zero] -= f_zz
            rest[slope_at, zero] -= away * f_zz
            rest[slope_at, slope_at] -= away * away * f_zz
            rest[tau_at, zero] -= f_zt
            rest[tau_at, slope_at] -= away * f_zt
            for column in range(n_columns):
                rest[zero, column] -= covariates[cell, column] * f_ez_all
                rest[slope_at, column] -= covariates[cell, column] * f_es
        gradient[kind] += f_e
        gradient[n_types + tau_at] += f_t
        types[kind] -= f_ee
        mixed[kind, tau_at] -= f_et
        rest[tau_at, tau_at] -= f_tt
        for column in range(n_columns):
            x = covariates[cell, column]
            gradient[n_types + column] += x * f_e
            mixed[kind, column] -= x * f_ee
            rest[tau_at, column] -= x * f_et
            for other in range(column + 1):
                rest[column, other] -= x * covariates[cell, other] * f_ee
    for row in range(rest.shape[0]):
        for column in range(row):
            rest[column, row] = rest[row, column]


@numba.njit(cache=True, nogil=True)
def _of_one_cell(
    y: float, mean: float, zeta: float, theta: float, psi_theta: float, psi1_theta: float, inflated: bool
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Derivatives in log mean (e), zeros' logit (z) and log theta (t), in the order e, z, t, ee, ez, et, zz, zt, tt."""
    both = theta + mean
    f_z, f_zz, f_ez, f_zt = 0.0, 0.0, 0.0, 0.0
    # u = log P(0) of the negative binomial
    u = -theta * math.log1p(mean / theta)
    f_e = -theta * mean / both
    f_ee = f_e * theta / both
    f_t = u - f_e
    f_tt = f_t + theta * mean * mean / (both * both)
    f_et = -theta * mean * mean / (both * both)
    if y > 0:
        psi, psi1 = digammas(y + theta)
        f_e = theta * (y - mean) / both
        f_ee = -(y + theta) * theta * mean / (both * both)
        f_t += theta * (psi - psi_theta) - y * theta / both
        f_tt += theta * (psi - psi_theta) + theta * theta * (psi1 - psi1_theta) - y * theta * mean / (both * both)
        f_et = theta * (y - mean) * mean / (both * both)
    elif inflated:
        w = 1 / (1 + math.exp(min(max(u - zeta, -700.0), 700.0)))
        v = w * (1 - w)
        f_z, f_zz, f_ez, f_zt = w, v, -v * f_e, -v * f_t
        f_ee = (1 - w) * f_ee + v * f_e * f_e
        f_tt = (1 - w) * f_tt + v * f_t * f_t
        f_et = (1 - w) * f_et + v * f_e * f_t
        f_e, f_t = (1 - w) * f_e, (1 - w) * f_t
    if inflated:
        share = 1 / (1 + math.exp(min(max(-zeta, -700.0), 700.0)))
        f_z -= share
        f_zz -= share * (1 - share)
    return f_e, f_z, f_t, f_ee, f_ez, f_et, f_zz, f_zt, f_tt


@numba.njit(cache=True, nogil=True)
def _log_sum(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high + math.log1p(math.exp(low - high))
