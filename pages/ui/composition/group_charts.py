"""The chart of the Groups view: all types as small panels, or the chosen one large."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.composition.groups import Comparison
from core.figures.groups import group_panels
from core.specs.groups import GroupSpec
from pages.ui import show, theme
from pages.ui.composition import group_tables
from pages.ui.composition.desk import Desk

HEIGHT, LINE = 520, 28
"""Pixels of the chart, and of a line of words above it."""
PLOT_WIDTH = 540
MOST_PANELS = 16
ALL, ONE = "All types", "One type"


def card(found: Comparison, spec: GroupSpec, chosen: str | None, desk: Desk) -> None:
    """The card with the chart; ``chosen`` is the type whose row in the table is chosen."""
    ordered = [str(name) for name in found.tests.sort_values(by="adjusted_p", kind="stable")["cell_type"]]
    shares = spec.scale == "shares"
    with show.card(f"{'Shares' if shares else 'Log ratios'} by {spec.column}", key="groups-chart") as panel:
        with panel.actions:
            shown = st.segmented_control(
                "Types", [ALL, ONE], default=ALL, required=True, label_visibility="collapsed", key="groups-shown"
            )
        types = ordered[:MOST_PANELS] if shown == ALL else [chosen or ordered[0]]
        said = ""
        if shown == ONE and chosen is None:
            said = "Choose a row of the table to see another type."
        elif shown == ALL and len(types) < len(ordered):
            said = f"The {MOST_PANELS} types of the smallest p; the table has all {len(ordered)}."
        if said:
            show.text(said, muted=True)
        table = _long(found, spec)
        figure = group_panels(
            table,
            theme.current(),
            types=types,
            groups=list(found.arrangement.groups),
            title="Share (%)" if shares else "Log ratio",
            group_title=spec.column if found.kind == "number" else "",
            words=group_tables.significant(found),
            width=PLOT_WIDTH,
        )
        show.figure(
            figure,
            f"groups_{spec.column}",
            table=table,
            height=HEIGHT - (LINE if said else 0),
            alt=f"Cell types by {spec.column}",
            key=f"groups-figure-{desk.name}",
        )


def _long(found: Comparison, spec: GroupSpec) -> pd.DataFrame:
    """One row for each sample and type: sample, cell_type, value (per cent or log ratio), group or number, subject."""
    values = 100 * found.values if spec.scale == "shares" else found.values
    long = values.rename_axis("sample").reset_index().melt("sample", var_name="cell_type", value_name="value")
    given = found.arrangement.values.to_dict()
    long["number" if found.kind == "number" else "group"] = [given[name] for name in long["sample"]]
    if found.kind == "paired":
        subjects = found.arrangement.subjects.to_dict()
        long["subject"] = [subjects.get(name) for name in long["sample"]]
    return long
