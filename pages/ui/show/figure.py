"""A chart with its downloads and the table behind it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui.component import component
from pages.ui.show.markup import slug

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PRINT_SCALE = 3
"""PNG files have three times the pixels of the screen."""


def figure(
    fig: go.Figure,
    name: str,
    *,
    table: pd.DataFrame | None = None,
    height: int | None = None,
    select: bool = False,
    alt: str = "",
    key: str = "",
) -> list[dict[str, Any]]:
    """Show a chart made by ``core.figures``; its corner offers PNG, SVG and the table behind it.

    Parameters
    ----------
    fig
        The chart; pass ``theme.current()`` to the function that makes it.
    name
        File name of the downloads, without ending.
    table
        What the chart shows, offered as CSV.
    height
        In pixels; the chart's own where it is not given.
    select
        Whether a click on a mark answers.
    alt
        What the chart shows, for those who cannot see it.
    key
        Needed where two charts of a page have the same name.

    Returns
    -------
    The marks that are selected: plotly's points with ``x``, ``y``, ``customdata`` and so on; empty without ``select``.
    """
    own = key or slug(name)
    if height:
        fig.update_layout(height=height)
    with st.container(key=f"figure-{own}", gap=None):
        state = st.plotly_chart(
            fig,
            width="stretch",
            theme=None,
            key=f"chart-{own}",
            on_select="rerun" if select else "ignore",
            selection_mode="points",
            config=config(name),
            alt=alt or None,
        )
        with st.container(key=f"figuremenu-{own}", horizontal=True, width="content", gap=2):
            component("figure", "figure.js")(key=f"chart-buttons-{own}", data={"key": own}, width="content")
            if table is not None:
                st.download_button(
                    "Save the table behind this chart",
                    data=partial(table.to_csv, index=False),  # written when asked for: large tables take long
                    file_name=f"{name}.csv",
                    mime="text/csv",
                    key=f"chart-csv-{own}",
                    icon=":material/table:",
                    type="tertiary",
                    on_click="ignore",
                )
    selection = getattr(state, "selection", None) if select else None
    return list(selection["points"]) if selection else []


def config(name: str) -> dict[str, Any]:
    """Plotly's settings: no logo, nothing sent out; its own bar is hidden behind ours."""
    return {
        "displaylogo": False,
        "responsive": True,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": PRINT_SCALE},
    }
