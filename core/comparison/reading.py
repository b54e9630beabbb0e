"""What a comparison says, in sentences: where the run is worse than others comes first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.comparison.methods import BY_NAME, FLOOR, OURS

WORDS = {"accuracy": "accuracy", "macro_f1": "macro-F1"}


def reading(scores: pd.DataFrame, methods: pd.DataFrame) -> list[str]:
    """Sentences about one part of a comparison.

    Parameters
    ----------
    scores
        As `core.comparison.scores.scores` gives them.
    methods
        Rows with ``method``, ``cpu_seconds`` (NaN where not known) and ``refused`` (empty where it did not).

    Returns
    -------
    One sentence about accuracy and one about macro-F1 (worse than, not told apart from, better than), one about
    calibration, one about cost, and one for those that refuse.
    """
    found = [_ranked(scores, metric) for metric in WORDS]
    found += [_calibration(scores), _cost(methods), *_refusals(methods)]
    return [sentence for sentence in found if sentence]


def _others(scores: pd.DataFrame, metric: str) -> pd.DataFrame:
    chosen = (scores["metric"] == metric) & (scores["method"] != OURS) & scores["difference"].notna()
    return scores.loc[chosen]


def _ranked(scores: pd.DataFrame, metric: str) -> str:
    """Worse, alike and better by the interval of the paired difference; amounts where the run is worse."""
    table = _others(scores, metric)
    if table.empty:
        return ""
    worse = table.loc[table["difference_low"] > 0].sort_values("difference", ascending=False)
    better = table.loc[table["difference_high"] < 0]
    alike = table.drop(index=[*worse.index, *better.index])
    parts = [f"worse than {_listed([_amount(row) for row in worse.to_dict('records')])}"] if len(worse) else []
    parts += [f"not told apart from {_listed(_titles(alike))}"] if len(alike) else []
    parts += [f"better than {_listed(_titles(better))}"] if len(better) else []
    return f"In {WORDS[metric]} CellDesk is {'; '.join(parts)}."


def _amount(row: dict) -> str:
    gap, low, high = (100 * row[name] for name in ("difference", "difference_low", "difference_high"))
    return f"{BY_NAME[row['method']].title} by {gap:.1f} points ({low:.1f} to {high:.1f})"


def _calibration(scores: pd.DataFrame) -> str:
    """Whose probabilities are nearer to the truth; a constant share is near by its making and says nothing."""
    table = _others(scores, "ece")
    table = table.loc[table["method"] != FLOOR]
    if table.empty:
        return ""
    own = float(scores.loc[(scores["method"] == OURS) & (scores["metric"] == "ece"), "value"].iloc[0])
    words = f"Its probabilities are off by {100 * own:.1f} % on average"
    nearer = table.loc[table["difference_high"] < 0].sort_values("value")
    if nearer.empty:
        return f"{words}; those of no other method are surely nearer to the truth."
    rows = [f"{BY_NAME[row['method']].title} ({100 * row['value']:.1f} %)" for row in nearer.to_dict("records")]
    return f"{words}, more than those of {_listed(rows)}."


def _cost(methods: pd.DataFrame) -> str:
    """How many times the CPU time of others the run took."""
    known = methods.dropna(subset=["cpu_seconds"])
    own = known.loc[known["method"] == OURS, "cpu_seconds"]
    others = known.loc[(known["method"] != OURS) & (known["method"] != FLOOR)]
    if own.empty or others.empty:
        return ""
    seconds = float(own.iloc[0])
    slower = others.loc[others["cpu_seconds"] > seconds]
    quickest = others.loc[others["cpu_seconds"].idxmin()]
    times = seconds / max(float(quickest["cpu_seconds"]), 0.01)
    rest = f"; {_listed(_titles(slower))} took longer" if len(slower) else ", and longer than every other"
    if times <= 1:
        return f"It took {seconds:,.1f} CPU seconds, less than every other."
    title = BY_NAME[str(quickest["method"])].title
    return f"It took {seconds:,.1f} CPU seconds, {times:,.0f} times as long as {title}{rest}."


def _refusals(methods: pd.DataFrame) -> list[str]:
    """Methods by the reason that they give."""
    refused = methods.loc[methods["refused"].fillna("") != ""]
    refused = refused.loc[refused["method"] != OURS]
    return [
        f"{_listed(_titles(rows))} {'refuses' if len(rows) == 1 else 'refuse'} these cells: {str(reason).rstrip('.')}."
        for reason, rows in refused.groupby("refused", sort=False)
    ]


def _titles(table: pd.DataFrame) -> list[str]:
    return [BY_NAME[str(name)].title for name in table["method"]]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
