"""The tables of the Groups view: the test of each type, and of each pair of groups."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.composition.groups import ALPHA, Comparison
from core.specs.groups import GroupSpec
from core.tasks.colours import run_colours
from pages.ui import show, theme
from pages.ui.composition.desk import Desk

HEIGHT, PAIRS_HEIGHT = 470, 200
"""Pixels of the table of tests, alone; and of that of pairs below it."""
HOLDS_HELP = (
    "The tests are repeated on shares drawn within their intervals: in how many of the draws the adjusted p stays "
    "below .05. Shared errors of all samples are not drawn, since no difference comes from them."
)
EFFECT_HELP = {
    "two": "Rank-biserial correlation, −1 to 1: how much more often a sample of the second group is the higher one.",
    "paired": "Matched-pairs rank-biserial correlation, −1 to 1: above 0 where a subject's second sample is higher.",
    "several": "Epsilon squared, 0 to 1: how much of the ranks the groups explain.",
    "number": "Spearman's rho, −1 to 1, with its 95 % interval.",
}


def tests(found: Comparison, spec: GroupSpec, desk: Desk) -> str | None:
    """The table of tests and, of several groups, of their pairs; the type whose row is chosen."""
    table = found.tests.sort_values(by="adjusted_p", kind="stable").reset_index(drop=True)
    with show.card("Tests", help=_help(found), subtitle=_subtitle(found)):
        columns, rows = _columns(found, spec, desk), _rows(table, found, spec)
        several = found.kind == "several" and len(found.pairs) > 0
        event = show.table(
            rows,
            columns,
            key=f"groups-tests-{desk.name}-{spec.column}-{found.kind}",
            select="row",
            height=HEIGHT - PAIRS_HEIGHT - 30 if several else HEIGHT,
        )
        chosen = str(table["cell_type"].iloc[event.selected[0]]) if event.selected else None
        if several:
            _pairs(found, chosen or str(table["cell_type"].iloc[0]), spec)
        st.download_button(
            "Save the tests as CSV",
            partial(found.tests.to_csv, index=False),
            f"groups_{spec.column}_tests.csv",
            "text/csv",
            type="tertiary",
            on_click="ignore",
            key="groups-save",
        )
    return chosen


def _subtitle(found: Comparison) -> str:
    test = str(found.tests["test"].iloc[0])
    sizes = [f"{group} {size}" for group, size in found.arrangement.sizes.items()]
    if found.kind == "number":
        return f"{test}, {len(found.arrangement.values)} samples"
    if found.kind == "paired":
        return f"{test}, {found.arrangement.n_pairs} pairs"
    return f"{test}; {', '.join(sizes)}" if len(sizes) < 5 else f"{test}, {len(sizes)} groups"


def _help(found: Comparison) -> str:
    words = f"{EFFECT_HELP[found.kind]} Adjusted p: Benjamini and Hochberg over the types."
    if found.kind in ("two", "paired"):
        words += " Difference: Hodges and Lehmann's, the second group minus the first, with a 95 % interval."
    return words


def _columns(found: Comparison, spec: GroupSpec, desk: Desk) -> dict[str, show.Column | str]:
    shades = run_colours(desk.results, theme.current())
    columns: dict[str, show.Column | str] = {"cell_type": show.Column("Cell type", "swatch", colours=shades)}
    if found.kind in ("two", "paired"):
        columns["shift"] = show.Column("Difference" if spec.scale == "log_ratios" else "Difference (points)")
    title = {"several": "Epsilon²", "number": "rho"}.get(found.kind, "Effect")
    columns["effect"] = show.Column(title, "number", ".2f" if found.kind == "several" else "+.2f")
    if found.kind == "number":
        columns["shift"] = show.Column("95 % interval")
    columns["adjusted_p"] = show.Column("Adjusted p", "number", ".2g", strong=True)
    if spec.draws:
        columns["holds"] = show.Column("Holds in", "number", ".0f%", help=HOLDS_HELP)
    return columns


def _rows(table: pd.DataFrame, found: Comparison, spec: GroupSpec) -> pd.DataFrame:
    factor, digits = (100.0, 1) if spec.scale == "shares" and found.kind != "number" else (1.0, 2)
    return table.assign(shift=[_shift(row, factor, digits, found.kind == "number") for _, row in table.iterrows()])


def _shift(row: pd.Series, factor: float, digits: int, only_ends: bool) -> str:
    low, high = (f"{factor * row[end]:+.{digits}f}" for end in ("low", "high"))
    ends = "" if row["low"] != row["low"] else f"{low} to {high}"
    if only_ends:
        return ends.replace("-", "−")
    value = "" if row["difference"] != row["difference"] else f"{factor * row['difference']:+.{digits}f}"
    return (f"{value} ({ends})" if ends else value).replace("-", "−")


def _pairs(found: Comparison, name: str, spec: GroupSpec) -> None:
    rows = found.pairs.loc[found.pairs["cell_type"] == name, :]
    show.text(f"Pairs of groups for {name}: Dunn's test, p adjusted by Holm", muted=True)
    factor, digits = (100.0, 1) if spec.scale == "shares" else (1.0, 2)
    shown = rows.assign(
        pair=[f"{second} − {first}" for first, second in zip(rows["first"], rows["second"], strict=True)],
        shift=[_shift(row, factor, digits, False) for _, row in rows.iterrows()],
    )
    columns: dict[str, show.Column | str] = {
        "pair": "Pair",
        "shift": "Difference (points)" if spec.scale == "shares" else "Difference",
        "effect": show.Column("Effect", "number", "+.2f"),
        "adjusted_p": show.Column("Adjusted p", "number", ".2g", strong=True),
    }
    show.table(shown, columns, key=f"groups-pairs-{spec.column}-{name}", height=PAIRS_HEIGHT)


def significant(found: Comparison) -> dict[str, str]:
    """Type -> words on its test, for a panel."""
    return {
        str(row["cell_type"]): "not tested" if row["adjusted_p"] != row["adjusted_p"] else _p(float(row["adjusted_p"]))
        for _, row in found.tests.iterrows()
    }


def _p(p: float) -> str:
    words = f"adjusted p {p:.2g}"
    return f"<b>{words}</b>" if p < ALPHA else words
