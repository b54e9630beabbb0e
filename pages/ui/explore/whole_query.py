"""Whether the share of known cells refused that was asked for holds in this query, in words."""

from __future__ import annotations

import pandas as pd

from core.annotation.baseline import TABLE
from core.annotation.refusal import LEAST_ORDINARY, Cut, ordinary
from core.results import Results

ALL_STRANGE = (
    "All of the query is stranger than the reference: another protocol, tissue or kind of measurement. The share of "
    "known cells refused was learned in the reference and does not hold here; how many known cells are refused is not "
    "known. Where most cells are of known types, analysis.strangeness_from can be set to query."
)
OWN_BASELINE = (
    "Strangeness is counted from the least strange quarter of the query. The share of known cells refused holds if all "
    "types are shifted alike and most cells are of known types; where many are of others, fewer are refused."
)


def expected(results: Results, annotation: pd.DataFrame, cut: Cut) -> str:
    """How many known cells are refused at ``cut``, as far as that is known."""
    if stranger(results, annotation):
        return "how many of known types is unknown"
    supposed = ", if all are shifted alike" if results.has(TABLE) else ""
    return f"{len(annotation) * cut.rate:,.0f} expected of known types{supposed}"


def facts(results: Results, annotation: pd.DataFrame, cut: Cut) -> dict[str, str]:
    """What is to be said of the query as a whole beside the numbers; nothing where it is like the reference."""
    if results.has(TABLE):
        refused = float((results.table(TABLE)["from_reference"] > cut.threshold).mean())
        return {"Counted from the reference": f"**{100 * refused:.1f} %** would get no label"}
    if stranger(results, annotation):
        return {"The query as a whole": "**stranger than the reference**"}
    return {}


def remark(results: Results, annotation: pd.DataFrame) -> str:
    """The same at length, for a help mark; empty where there is nothing to say."""
    if results.has(TABLE):
        return OWN_BASELINE
    return ALL_STRANGE if stranger(results, annotation) else ""


def stranger(results: Results, annotation: pd.DataFrame) -> bool:
    """Whether hardly a cell of the query is as ordinary as many of the reference."""
    return ordinary(annotation, results.table("coverage")) < LEAST_ORDINARY
