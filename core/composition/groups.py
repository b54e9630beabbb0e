"""Groups of samples: by which cell types they differ, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from core.composition import rank_tests as ranks
from core.composition.arrangement import Arrangement
from core.composition.log_ratios import centred_log_ratios
from core.specs.groups import GroupSpec

ALPHA = 0.05
"""A difference counts where its adjusted p is below."""
Kind = Literal["two", "paired", "several", "number"]
TESTS: dict[Kind, str] = {
    "two": "Mann-Whitney U",
    "paired": "Wilcoxon signed-rank",
    "several": "Kruskal-Wallis H",
    "number": "Spearman's rho",
}
EFFECTS: dict[Kind, str] = {
    "two": "rank-biserial correlation",
    "paired": "matched-pairs rank-biserial correlation",
    "several": "epsilon squared",
    "number": "rho",
}


@dataclass(frozen=True)
class Comparison:
    """What was found.

    Attributes
    ----------
    tests
        One row for each type: cell_type, test, statistic, p, adjusted_p (Benjamini and Hochberg over the types),
        effect, effect_is, difference with low and high (Hodges-Lehmann with a 95 % interval, the second group minus the
        first, in shares or log ratios; of a number, low and high are the ends of rho), draws, holds (share of the draws
        in which the adjusted p is below .05; missing without draws).
    summary
        cell_type, group, n, median, lower_quartile, upper_quartile (shares), tested; empty for a number.
    pairs
        Of three or more groups: cell_type, first, second, p (Dunn), adjusted_p (Holm over the pairs of a type),
        effect (rank-biserial), difference, low, high.
    values
        Samples x types as they were tested, shares or log ratios.
    arrangement
        Which samples were compared, and how.
    """

    tests: pd.DataFrame
    summary: pd.DataFrame
    pairs: pd.DataFrame
    values: pd.DataFrame
    arrangement: Arrangement

    @property
    def kind(self) -> Kind:
        """Which test was made."""
        return self.arrangement.kind

    @property
    def tested(self) -> bool:
        """Whether there were samples enough for a test."""
        return bool(self.tests["p"].notna().any())


def compare(
    shares: pd.DataFrame, arrangement: Arrangement, spec: GroupSpec, draws: Iterable[np.ndarray] = ()
) -> Comparison:
    """Test each type.

    Parameters
    ----------
    shares
        samples x types, rows sum to one.
    arrangement
        Which samples are compared, and how.
    spec
        The scale.
    draws
        Blocks of draws of ``shares``, each (n_draws, n_samples, n_types).
    """
    values = pd.DataFrame(_scaled(shares.to_numpy(float), spec), index=shares.index, columns=shares.columns)
    tests = _tests(values, arrangement)
    tests["draws"], tests["holds"] = _holds(arrangement, spec, tests["p"].notna().to_numpy(), draws)
    used = values.loc[arrangement.values.index]
    pairs = _pairs(used, arrangement) if arrangement.kind == "several" and arrangement.enough else _no_pairs()
    return Comparison(tests, _summary(shares, arrangement), pairs, used, arrangement)


def adjusted(p: np.ndarray) -> np.ndarray:
    """``p`` (n_types,) adjusted over the types by Benjamini and Hochberg; NaN is left out and stays."""
    known, found = ~np.isnan(p), np.full(p.shape, np.nan)
    if known.any():
        found[known] = stats.false_discovery_control(p[known])
    return found


def _scaled(shares: np.ndarray, spec: GroupSpec) -> np.ndarray:
    return centred_log_ratios(shares) if spec.scale == "log_ratios" else shares


def _tests(values: pd.DataFrame, arrangement: Arrangement) -> pd.DataFrame:
    n = len(values.columns)
    kind = arrangement.kind
    rows = pd.DataFrame({"cell_type": values.columns.astype(str), "test": TESTS[kind]})
    if not arrangement.enough:
        empty = dict.fromkeys(("statistic", "p", "adjusted_p", "effect"), np.full(n, np.nan))
        return rows.assign(**empty, effect_is=EFFECTS[kind], difference=np.nan, low=np.nan, high=np.nan)
    parts = arrangement.parts(values.to_numpy(float).T)
    found = _tested(parts, arrangement)
    shifts = [_shift([part[row] for part in parts], arrangement, found.effect[row]) for row in range(n)]
    return rows.assign(
        statistic=found.statistic,
        p=found.p,
        adjusted_p=adjusted(found.p),
        effect=found.effect,
        effect_is=EFFECTS[kind],
        difference=[shift.estimate for shift in shifts],
        low=[shift.low for shift in shifts],
        high=[shift.high for shift in shifts],
    )


def _tested(parts: Sequence[np.ndarray], arrangement: Arrangement) -> ranks.Tested:
    """``parts``: the values of each group, each (..., n of the group); of a number, all values."""
    if arrangement.kind == "two":
        return ranks.mann_whitney(parts[0], parts[1])
    if arrangement.kind == "paired":
        return ranks.signed_rank(parts[1] - parts[0])
    if arrangement.kind == "several":
        return ranks.kruskal_wallis(parts)
    return ranks.spearman(arrangement.values.to_numpy(float), parts[0])


def _shift(parts: Sequence[np.ndarray], arrangement: Arrangement, effect: float) -> ranks.Shift:
    if arrangement.kind == "two":
        return ranks.shift_of_groups(parts[0], parts[1])
    if arrangement.kind == "paired":
        return ranks.shift_of_pairs(parts[1] - parts[0])
    if arrangement.kind == "number":
        return ranks.Shift(float("nan"), *ranks.rho_interval(float(effect), len(arrangement.values)))
    return ranks.Shift(float("nan"), float("nan"), float("nan"))


def _holds(
    arrangement: Arrangement, spec: GroupSpec, known: np.ndarray, draws: Iterable[np.ndarray]
) -> tuple[int, np.ndarray]:
    """How many draws there were, and the share of them in which each type's adjusted p is below .05."""
    number, below = 0, np.zeros(len(known))
    if arrangement.enough and known.any():
        for block in draws:
            parts = arrangement.parts(np.moveaxis(_scaled(block, spec), -2, -1)[:, known])
            p = np.nan_to_num(_tested(parts, arrangement).p, nan=1.0)
            below[known] += (stats.false_discovery_control(p, axis=-1) < ALPHA).sum(axis=0)
            number += len(block)
    return number, np.where(known & (number > 0), below / max(number, 1), np.nan)


def _summary(shares: pd.DataFrame, arrangement: Arrangement) -> pd.DataFrame:
    names = ["cell_type", "group", "n", "median", "lower_quartile", "upper_quartile", "tested"]
    rows: list[list[Any]] = []
    for name in shares.columns if arrangement.kind != "number" else ():
        for group in arrangement.groups:
            values = shares.loc[arrangement.samples(group), name].to_numpy(float)
            quartiles = np.quantile(values, [0.5, 0.25, 0.75])
            rows.append([str(name), group, len(values), *map(float, quartiles), group in arrangement.large])
    return pd.DataFrame(rows, columns=pd.Index(names))


def _pairs(values: pd.DataFrame, arrangement: Arrangement) -> pd.DataFrame:
    from statsmodels.stats.multitest import multipletests

    rows: list[dict[str, Any]] = []
    for name in values.columns:
        parts = [values.loc[arrangement.samples(group), name].to_numpy(float) for group in arrangement.large]
        p = ranks.dunn(parts)
        known = [value for value in p.values() if not np.isnan(value)]
        holm = iter(np.asarray(multipletests(known, method="holm")[1]) if known else ())
        for a, b in combinations(range(len(parts)), 2):
            shift = ranks.shift_of_groups(parts[a], parts[b])
            rows.append(
                {
                    "cell_type": str(name),
                    "first": arrangement.large[a],
                    "second": arrangement.large[b],
                    "p": p[a, b],
                    "adjusted_p": float("nan") if np.isnan(p[a, b]) else float(next(holm)),
                    "effect": float(ranks.mann_whitney(parts[a], parts[b]).effect),
                    "difference": shift.estimate,
                    "low": shift.low,
                    "high": shift.high,
                }
            )
    return pd.DataFrame(rows)


def _no_pairs() -> pd.DataFrame:
    names = ["cell_type", "first", "second", "p", "adjusted_p", "effect", "difference", "low", "high"]
    return pd.DataFrame(columns=pd.Index(names))
