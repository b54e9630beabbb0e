"""Where cells go: from the groups they come from, at the left, to the labels they are given, at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import LIGHT, NOT_ASSIGNED, Theme, chart, faded, label_colours

_PAD, _WIDTH = 10, 14
"""Pixels between two ends, and of an end's width."""
_STRENGTH = 0.4
"""Strength of a band, whose colour is that of the label it leads to."""


def flow_sankey(
    table: pd.DataFrame, theme: Theme = LIGHT, *, colours: Mapping[str, str] | None = None, last: str = NOT_ASSIGNED
) -> go.Figure:
    """Bands from groups to labels, as wide as they have cells.

    Parameters
    ----------
    table
        Columns group, label, cells; one row per pair.
    theme
        Light or dark.
    colours
        The file's own colours by label.
    last
        The label that stands at the foot of its side, whatever its size.
    """
    labels = _by_size(table, "label", last)
    groups = _beside(table, labels)
    chosen = label_colours(sorted(labels), colours, theme)
    counts = {side: _counts(table, side) for side in ("group", "label")}
    names = [f"{name}  {counts['group'][name]:,}" for name in groups]
    names += [f"{name}  {counts['label'][name]:,}" for name in labels]
    left = {name: number for number, name in enumerate(groups)}
    right = {name: len(groups) + number for number, name in enumerate(labels)}
    # bands are drawn in the order of the ends they leave, so that few of them cross
    ends = {"at": [left[str(name)] for name in table["group"]], "to": [right[str(name)] for name in table["label"]]}
    rows = table.assign(**ends).sort_values(["at", "to"])
    figure = chart(theme=theme, margin={"l": 4, "r": 4, "t": 8, "b": 8})
    figure.add_sankey(
        arrangement="snap",
        node={
            "label": names,
            "color": [theme.bar] * len(groups) + [chosen[name] for name in labels],
            "pad": _PAD,
            "thickness": _WIDTH,
            "line": {"width": 0},
            "x": [0.001] * len(groups) + [0.999] * len(labels),
            "y": [*_middles(counts["group"], groups), *_middles(counts["label"], labels)],
            "hovertemplate": "%{label} cells<extra></extra>",
        },
        link={
            "source": rows["at"],
            "target": rows["to"],
            "value": rows["cells"],
            "color": [faded(chosen[name], _STRENGTH) for name in rows["label"]],
            "customdata": 100 * rows["cells"] / rows.groupby("at")["cells"].transform("sum"),
            "hovertemplate": "%{source.label} → %{target.label}: %{value:,} cells, %{customdata:.1f} %<extra></extra>",
        },
        textfont={"color": theme.text, "size": 12, "shadow": "none"},
    )
    return figure


def _by_size(table: pd.DataFrame, side: str, last: str) -> list[str]:
    sizes = _counts(table, side)
    return sorted(sizes, key=lambda name: (name == last, -sizes[name], name))


def _counts(table: pd.DataFrame, side: str) -> dict[str, int]:
    """Cells of each end of one side."""
    return {str(name): int(part["cells"].sum()) for name, part in table.groupby(side)}


def _beside(table: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """The groups, each as high as its commonest label."""
    place = {name: number for number, name in enumerate(labels)}
    found = []
    for name, part in table.groupby("group", sort=True):
        first = part.sort_values("cells", ascending=False, kind="stable").iloc[0]
        found.append((place[str(first["label"])], -int(part["cells"].sum()), str(name)))
    return [name for _, _, name in sorted(found)]


def _middles(counts: Mapping[str, int], names: Sequence[str]) -> list[float]:
    """Heights at which ends stand, 0 at the top, so that they keep the order given."""
    sizes = np.array([float(counts[name]) for name in names])
    gap = 0.02 * sizes.sum()
    ends = np.cumsum(sizes + gap)
    return list(np.clip((ends - (sizes + gap) / 2) / ends[-1], 0.001, 0.999))
