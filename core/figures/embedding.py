"""An embedding as a still picture, for files; on screen the WebGL scatter shows it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import names_in, numbers, where
from core.figures.style import (
    LIGHT,
    Theme,
    bare_axis,
    chart,
    colour_bar,
    label_colours,
    legend_below,
    note,
    rim,
    sequential,
)


def embedding_by_label(
    cells: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    colours: Mapping[str, str] | None = None,
    selected: np.ndarray | None = None,
    caption: str = "UMAP 1, UMAP 2",
    legend: bool = False,
) -> go.Figure:
    """Each cell as a dot in its type's colour, with the name at the middle of each type.

    Parameters
    ----------
    cells
        Columns x, y, label; one row per cell.
    theme
        Light or dark.
    colours
        The file's own colours by label.
    selected
        (n_cells,) true for cells at full strength, the others pale; None: all at full strength.
    caption
        What the two coordinates are.
    legend
        List the labels under the picture as well.
    """
    labels = cells["label"].astype(str)
    names = sorted(set(labels), key=lambda name: (-int((labels == name).sum()), name))
    chosen = label_colours(sorted(names), colours, theme)
    figure = _frame(cells, theme, caption)
    size = dot_size(len(cells))
    for name in names:
        rows = (labels == name).to_numpy()
        strength = 1.0 if selected is None else np.where(selected[rows], 1.0, 0.25)
        edge = rim(chosen[name], theme)
        figure.add_scatter(
            x=cells["x"][rows],
            y=cells["y"][rows],
            mode="markers",
            name=name,
            marker={
                "size": size,
                "color": chosen[name],
                "opacity": strength,
                "line": {"color": edge, "width": 0.5 if edge != chosen[name] else 0},
            },
            hovertemplate=name + "<extra></extra>",
        )
    name_groups(figure, cells, theme)
    if legend:
        legend_below(figure, axis_title=False)
    return figure


def embedding_by_value(
    cells: pd.DataFrame, name: str, theme: Theme = LIGHT, *, caption: str = "UMAP 1, UMAP 2"
) -> go.Figure:
    """Each cell in the colour of a value, high values on top.

    Parameters
    ----------
    cells
        Columns x, y, value and, for names on the picture, label.
    name
        What the value is, with its unit.
    theme
        Light or dark.
    caption
        What the two coordinates are.
    """
    shown = cells.sort_values("value", kind="stable")
    figure = _frame(cells, theme, caption)
    low, high = (float(shown["value"].min()), float(shown["value"].max())) if len(shown) else (0.0, 1.0)
    figure.add_scatter(
        x=shown["x"],
        y=shown["y"],
        mode="markers",
        marker={
            "size": dot_size(len(cells)),
            "color": shown["value"],
            "colorscale": sequential(theme),
            "cmin": low,
            "cmax": high,
            "showscale": True,
            "colorbar": colour_bar(
                name,
                theme,
                tickvals=[low + 0.001 * (high - low), high - 0.001 * (high - low)],
                ticktext=[f"{low:.3g}", f"{high:.3g}"],
                xpad=16,
            ),
        },
        hovertemplate="%{marker.color:.3g}<extra></extra>",
    )
    if "label" in cells:
        name_groups(figure, cells, theme)
    figure.update_layout(margin_b=64)
    return figure


def name_groups(figure: go.Figure, cells: pd.DataFrame, theme: Theme) -> None:
    """Write each label at the median of its cells, with a halo in the panel's colour."""
    halo = ", ".join(f"{x}px {y}px 1px {theme.panel}" for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)
    for name in names_in(cells, "label"):
        part = where(cells, "label", name)
        x, y = float(np.median(numbers(part, "x"))), float(np.median(numbers(part, "y")))
        font = {"color": theme.text, "weight": 600, "shadow": halo}
        figure.add_annotation(x=x, y=y, text=name, font=font)


def dot_size(n_cells: int) -> float:
    """Diameter in pixels that keeps ``n_cells`` dots apart enough to be seen."""
    return float(np.clip(180 / np.sqrt(max(n_cells, 1)), 1.5, 6.0))


def _frame(cells: pd.DataFrame, theme: Theme, caption: str) -> go.Figure:
    figure = chart(theme=theme, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(bare_axis())
    figure.update_yaxes(bare_axis(scaleanchor="x"))
    note(figure, caption)
    return figure
