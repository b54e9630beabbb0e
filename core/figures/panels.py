"""Small charts side by side in one figure."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.style import Theme, faded


def panel_name(figure: go.Figure, title: str, theme: Theme, place: dict[str, int]) -> None:
    """Write ``title`` over the panel at ``place`` (row and column), at its left."""
    figure.add_annotation(
        text=title,
        x=0,
        y=1,
        xref="x domain",
        yref="y domain",
        xanchor="left",
        yanchor="bottom",
        align="left",
        font={"color": theme.text},
        bgcolor=faded(theme.panel, 0.8),
        **place,
    )
