"""What a picture sends to the browser: float32 positions, category codes or values, colours of both themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.figures.shades import label_shades, ramp_shades
from core.figures.tokens import THEMES

__all__ = [
    "ScatterEvent",
    "categories",
    "centres",
    "is_number",
    "label_shades",
    "plain_shades",
    "positions",
    "ramp_shades",
]

ONE_BYTE = 256
MOST = 0.75
"""Share of a label's cells beside which its name may stand: a few cells far away do not count."""


@dataclass(frozen=True)
class ScatterEvent:
    """What the user did in a picture since the last run of the page.

    Attributes
    ----------
    polygon
        Corners of the lasso or box just drawn, in the data's units; empty where the outline was taken away;
        ``None`` where nothing was drawn.
    clicked
        Row number of the point just clicked.
    """

    polygon: tuple[tuple[float, float], ...] | None = None
    clicked: int | None = None

    @property
    def cleared(self) -> bool:
        return self.polygon == ()


def positions(points: pd.DataFrame) -> pd.DataFrame:
    """The columns x and y as float32."""
    return pd.DataFrame({axis: points[axis].to_numpy(np.float32) for axis in ("x", "y")})


def categories(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes as small integers and the labels they stand for, in the column's own order."""
    made = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype(str).astype("category")
    codes = made.cat.codes.to_numpy()
    labels = [str(label) for label in made.cat.categories]
    if (codes < 0).any():
        codes, labels = np.where(codes < 0, len(labels), codes), [*labels, "not assigned"]
    return codes.astype(np.uint8 if len(labels) <= ONE_BYTE else np.uint16), labels


def is_number(column: pd.Series) -> bool:
    """Whether a column is coloured by a ramp and not by category."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def plain_shades() -> dict[str, dict[str, list[str]]]:
    """One colour for all points."""
    return {name: {"fill": [theme.bar], "rim": [theme.bar]} for name, theme in THEMES.items()}


def centres(points: pd.DataFrame, codes: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Where each label's name stands: the median of its cells, and how far most of them reach above it."""
    groups = points[["x", "y"]].groupby(codes, sort=True)
    middle, top = groups.median(), groups["y"].quantile(MOST, interpolation="higher")
    return [
        {"text": labels[int(code)], "x": float(row.x), "y": float(row.y), "reach": float(top[code] - row.y)}  # type: ignore[arg-type]  codes are integers
        for code, row in middle.iterrows()
    ]
