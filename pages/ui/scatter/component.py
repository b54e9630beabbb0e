"""The WebGL2 picture, and the tools and the legend that several pictures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from pages.ui.component import component, heard
from pages.ui.scatter import points as prepared
from pages.ui.scatter.points import ScatterEvent

Mode = Literal["pan", "lasso", "box"]
PICTURES_KEPT = 24
PART = (
    "scatter",
    *(f"scatter/{file}.js" for file in ("gl", "view", "save", "plot", "pointer", "parts", "main")),
)


def scatter(
    points: pd.DataFrame,
    *,
    key: str,
    content: str,
    colour: str | None = None,
    colours: Mapping[str, str] | None = None,
    limits: tuple[float, float] | None = None,
    hover: Sequence[str] = (),
    selected: np.ndarray | None = None,
    mode: Mode = "pan",
    group: str = "",
    size: float | None = None,
    opacity: float = 0.9,
    weak: float = 0.25,
    names: bool = True,
    named_by: str = "",
    legend: bool = False,
    tools: bool = True,
    lasso: int = 0,
    caption: str = "UMAP 1, UMAP 2",
    height: int = 420,
) -> ScatterEvent:
    """A picture of cells.

    The points travel once; what changes later (selection, size) is a second, small message.

    Parameters
    ----------
    points
        (n_cells, ...), with columns ``x`` and ``y``, the column named by ``colour`` and those named in ``hover``.
    key
        Key of the widget, different for each picture of a page.
    content
        Content key of ``points``; the browser keeps its copy while this, ``colour`` and ``hover`` stay the same.
    colour
        Column that colours the points: categories (a legend) or numbers (a ramp). None: one colour.
    colours
        Colours of the categories stored in the file; they win over the app's.
    limits
        Ends of the ramp for numbers; the smallest and largest value where not given.
    hover
        Further columns shown beside the pointer.
    selected
        (n_cells,), bool; the other cells fade. The mask may come from another picture of the same cells.
    mode
        What dragging does at first.
    group
        Pictures of one group share mode, point size and hidden categories, with ``tools`` and ``legend`` beside them.
    size
        Diameter of a point in pixels at full view; by the number of cells where not given.
    opacity, weak
        Strength of a point, and the part of it left to cells outside ``selected``.
    names, legend
        Names at the middle of each category; a legend under the picture (a click hides).
    named_by
        Column whose categories are named where the points are coloured by numbers.
    tools
        Whether pan, lasso and box are offered in the corner of the picture.
    lasso
        Raise this number to take the drawn outline away.
    caption
        Small words in the lower left corner.
    height
        Height of the picture in pixels.

    Returns
    -------
    The outline drawn or the point clicked since the last run; ``inside`` says which cells an outline holds.
    """
    picture = _prepared(content, colour, tuple(hover), tuple((colours or {}).items()), limits, names, named_by, points)
    data = {
        "role": "points",
        "name": key,
        "group": group or key,
        "legend": legend,
        "tools": tools,
        "mode": mode,
        "caption": caption,
        "height": height,
        **picture,
    }
    layer: dict[str, Any] = {
        "role": "layer",
        "name": key,
        "opacity": opacity,
        "weak": weak,
        "size": size,
        "lasso": lasso,
    }
    if selected is not None:
        layer["mask"] = pa.table({"chosen": np.asarray(selected, dtype=np.uint8)})
    with st.container(key=f"scatter-{key}", gap=None):
        result = component(*PART)(key=key, data=data, on_lasso_change=heard, on_clicked_change=heard)
        component(*PART)(key=f"{key}-layer", data=layer)
    return event(result.get("lasso"), result.get("clicked"))


def tools(group: str, *, mode: Mode = "lasso") -> None:
    """Pan, lasso, box, point size and fit for all pictures of ``group``; nothing is sent to the server."""
    component(*PART)(key=f"scatter-tools-{group}", data={"role": "tools", "group": group, "mode": mode})


def legend(column: pd.Series, group: str, *, colours: Mapping[str, str] | None = None) -> None:
    """The categories of ``column`` with their counts; a click hides one in all pictures of ``group``."""
    codes, labels = prepared.categories(column)
    data = {
        "role": "legend",
        "group": group,
        "labels": labels,
        "counts": np.bincount(codes, minlength=len(labels)).tolist(),
        "colours": prepared.label_shades(labels, colours),
    }
    component(*PART)(key=f"scatter-legend-{group}", data=data)


def event(lasso: Sequence[Sequence[float]] | None, clicked: int | None) -> ScatterEvent:
    """What the browser sent, as an event."""
    polygon = None if lasso is None else tuple((float(x), float(y)) for x, y in lasso)
    return ScatterEvent(polygon, None if clicked is None else int(clicked))


@st.cache_resource(max_entries=PICTURES_KEPT, show_spinner=False)
def _prepared(
    content: str,
    colour: str | None,
    hover: tuple[str, ...],
    colours: tuple[tuple[str, str], ...],
    limits: tuple[float, float] | None,
    names: bool,
    named_by: str,
    _points: pd.DataFrame,
) -> dict[str, Any]:
    """What a picture sends; made once, since a rerun of the page would otherwise take a second for a million cells."""
    frame = prepared.positions(_points)
    column: Any = None if colour is None else _points[colour]
    made: dict[str, Any] = {
        "token": f"{content}/{colour}/{','.join(hover)}",
        "colour": colour or "",
        "numeric": False,
        "labels": [],
        "counts": [],
        "names": [],
        "limits": (0.0, 1.0),
        "colours": prepared.plain_shades(),
        "description": f"Scatter plot of {len(frame):,} cells" + (f", coloured by {colour}" if colour else ""),
    }
    if column is not None and prepared.is_number(column):
        values = column.to_numpy(np.float32)
        frame["value"] = values
        made |= {"numeric": True, "limits": limits or _ends(values), "colours": prepared.ramp_shades()}
        if named_by:
            types: Any = _points[named_by]
            made["names"] = prepared.centres(prepared.positions(_points), *prepared.categories(types))
    elif column is not None:
        codes, labels = prepared.categories(column)
        counts = np.bincount(codes, minlength=len(labels)).tolist()
        middles = prepared.centres(frame, codes, labels) if names else []
        frame["code"] = codes
        shades = prepared.label_shades(labels, dict(colours))
        made |= {"labels": labels, "counts": counts, "names": middles, "colours": shades}
    made["points"] = pa.Table.from_pandas(frame, preserve_index=False)
    if hover:
        made["hover"] = pa.Table.from_pandas(_points[list(hover)], preserve_index=False)
    return made


def _ends(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
