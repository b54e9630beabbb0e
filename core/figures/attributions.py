"""Which genes speak for a type or a call: attributions with their spread, beside networks that learned nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import DASHED, LIGHT, Theme, axis, category_axis, chart, italic, legend_below, round_ticks

BAR_ROW = 18
"""Pixels of a bar with its gap."""
LAST_TICK = 24
"""Pixels beside the plot that half of “100 %” takes; plotly leaves out a tick that would be cut."""
WHOLE = tuple(size * 10**power for power in range(4) for size in (1, 2, 5))
"""Steps between ticks that count genes."""


def attribution_bars(genes: pd.DataFrame, theme: Theme = LIGHT, *, type_name: str = "") -> go.Figure:
    """Attribution of each gene to a type's logit, the strongest on top; whiskers: standard deviation over networks.

    Parameters
    ----------
    genes
        Columns gene, attribution, spread, untrained, marker_rank (missing where a gene is no marker), in logits.
    theme
        Light or dark.
    type_name
        The type, for the axis title.
    """
    names = [str(name) for name in genes["gene"]]
    marker = genes["marker_rank"].notna().to_numpy()
    figure = chart(theme=theme, bargap=0.3, barmode="overlay", margin={"r": 16})
    for is_marker, name, colour in ((True, "Marker", theme.training), (False, "Other gene", theme.bar)):
        part = genes.loc[marker == is_marker]
        figure.add_bar(
            x=part["attribution"],
            y=part["gene"].astype(str),
            orientation="h",
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            error_x={
                "type": "data",
                "array": part["spread"].fillna(0),
                "thickness": 1,
                "width": 0,
                "color": theme.text,
            },
            hovertemplate="<i>%{y}</i>: %{x:.3f} logits<extra>" + name + "</extra>",
        )
    figure.add_scatter(
        x=genes["untrained"],
        y=names,
        mode="markers",
        name="Untrained networks",
        marker={"symbol": "line-ns", "size": 10, "line": {"width": 2, "color": theme.validation}},
        hovertemplate="<i>%{y}</i>: %{x:.3f} logits<extra>Untrained networks</extra>",
    )
    spread = genes["spread"].fillna(0)
    low = min(0.0, float((genes["attribution"] - spread).min()), float(genes["untrained"].min()))
    high = max(0.0, float((genes["attribution"] + spread).max()), float(genes["untrained"].max()))
    words = f"Added to the logit of {type_name}" if type_name else "Added to the logit"
    figure.update_xaxes(axis(words, grid=True, range=[1.04 * low, 1.04 * high or 1.0]))
    figure.update_yaxes(
        category_axis(names, top_down=True, ticktext=italic(names), tickfont={"color": theme.text}, title=None)
    )
    legend_below(figure)
    return figure


def recall_dots(recall: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Share of each type's markers among its strongest genes: trained networks, untrained ones, chance.

    ``recall`` has columns cell_type, recall, untrained_recall and chance, shares from 0 to 1.
    """
    names = [str(name) for name in recall["cell_type"]]
    figure = chart(theme=theme, margin={"t": 24, "r": LAST_TICK})
    line = {"color": theme.grid, "width": 3}
    for name, one, other in zip(names, recall["untrained_recall"], recall["recall"], strict=True):
        figure.add_shape(type="line", x0=one, x1=other, y0=name, y1=name, line=line, layer="below")
    for column, title, colour, symbol in (
        ("recall", "Trained networks", theme.training, "circle"),
        ("untrained_recall", "Untrained networks", theme.validation, "diamond"),
    ):
        figure.add_scatter(
            x=recall[column],
            y=names,
            mode="markers",
            name=title,
            marker={"size": 10, "color": colour, "symbol": symbol, "opacity": 1},
            hovertemplate="%{y}: %{x:.2f}<extra>" + title + "</extra>",
            cliponaxis=False,
        )
    chance = float(recall["chance"].mean())
    figure.add_vline(x=chance, line={"color": theme.muted, "width": 1, "dash": DASHED})
    figure.add_annotation(
        x=chance, y=1, yref="paper", text="random genes", yanchor="bottom", xanchor="left", xshift=-4, yshift=-2
    )
    figure.update_xaxes(axis("Markers found among the strongest genes", percent=True, grid=True, range=[0, 1.0]))
    figure.update_yaxes(category_axis(names, top_down=True, tickfont={"color": theme.text}, showgrid=True))
    legend_below(figure)
    return figure


def call_bars(genes: pd.DataFrame, theme: Theme = LIGHT, *, by: str, spread: str, x_title: str) -> go.Figure:
    """Genes for (to the right) and against (to the left) a call.

    Parameters
    ----------
    genes
        Columns gene, ``by`` and ``spread`` in logits, value, mean_label, mean_other (ln(1 + CP10K)); in the order
        drawn, from the top.
    theme
        Light or dark.
    by, spread
        Columns of the attribution and of its standard deviation over networks.
    x_title
        What is added to.
    """
    names = [str(name) for name in genes["gene"]]
    values = genes[by].to_numpy(dtype=float)
    wide = genes[spread].fillna(0).to_numpy(dtype=float)
    figure = chart(theme=theme, bargap=0.3, margin={"r": 16})
    figure.add_bar(
        x=values,
        y=names,
        orientation="h",
        marker={"color": np.where(values > 0, theme.training, theme.validation), "line": {"width": 0}},
        error_x={"type": "data", "array": wide, "thickness": 1, "width": 0, "color": theme.text},
        customdata=np.stack([genes["value"], genes["mean_label"], genes["mean_other"]], axis=-1),
        hovertemplate="<i>%{y}</i>: %{x:+.2f} logits. This cell %{customdata[0]:.2f}, its type on average "
        "%{customdata[1]:.2f}, the other %{customdata[2]:.2f}<extra></extra>",
    )
    reach = 1.05 * max(float(np.abs(values).max() if len(values) else 0) + float(wide.max() if len(wide) else 0), 0.1)
    figure.update_xaxes(axis(x_title, grid=True, range=[-reach if (values < 0).any() else 0, reach]))
    figure.update_yaxes(
        category_axis(names, top_down=True, ticktext=italic(names), tickfont={"color": theme.text}, title=None)
    )
    return figure


def margin_line(margins: pd.DataFrame, theme: Theme = LIGHT, *, changed: int | None = None) -> go.Figure:
    """How far a call leads once so many genes are as in the other type; below 0 the other type leads.

    Parameters
    ----------
    margins
        Columns replaced (genes) and margin (logits).
    theme
        Light or dark.
    changed
        Number of genes at which the call changes; ``None`` where it does not.
    """
    shown = margins.head(max(2 * (changed or len(margins)), 12))
    figure = chart(theme=theme, margin={"r": 16})
    figure.add_scatter(
        x=shown["replaced"],
        y=shown["margin"],
        mode="lines",
        line={"color": theme.training, "width": 2},
        customdata=shown["gene"].fillna(""),
        hovertemplate="%{x} genes, the last <i>%{customdata}</i>: %{y:.2f} logits<extra></extra>",
    )
    low, high = float(shown["margin"].min()), float(shown["margin"].max())
    figure.add_hline(y=0, line={"color": theme.muted, "width": 1, "dash": DASHED})
    if changed is not None:
        at = float(margins["margin"].iloc[changed])
        marker = {"size": 10, "color": theme.validation, "line": {"color": theme.panel, "width": 1.5}}
        figure.add_scatter(x=[changed], y=[at], mode="markers", marker=marker, hoverinfo="skip")
        words = f"{changed} {'gene' if changed == 1 else 'genes'}"
        figure.add_annotation(x=changed, y=0, text=words, xanchor="left", xshift=6, yanchor="bottom")
    room = 0.08 * max(high - low, 0.5)
    last = float(shown["replaced"].max()) or 1.0
    figure.update_xaxes(axis("Genes as in the other type", range=[0, last]), tickvals=round_ticks(0, last, WHOLE))
    figure.update_yaxes(axis("Lead (logits)", range=[min(low, 0) - room, max(high, 0) + room]))
    return figure
