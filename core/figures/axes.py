"""Axes: round ticks, at most five, and names in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

TICKS = 5


def axis(title: str, *, percent: bool = False, grid: bool | None = None, **more: Any) -> dict[str, Any]:
    """A numeric axis; where its ``range`` is given its ticks are round and at most five.

    With ``percent`` values are shares from 0 to 1, shown as ``25 %``; on a log axis the range is in log10.
    """
    made: dict[str, Any] = {"title": {"text": title}, **more}
    if percent:
        made.update(_percent_ticks(*made.get("range", (0.0, 1.0))))
    elif "range" in made:
        ticks = log_ticks if made.get("type") == "log" else round_ticks
        made.update(tickmode="array", tickvals=ticks(*made["range"]))
    if grid is not None:
        made["showgrid"] = grid
    return made


def category_axis(names: Sequence[str], *, top_down: bool = False, **more: Any) -> dict[str, Any]:
    """An axis of names, every name in full, in the order given."""
    made = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(names),
        "tickmode": "array",
        "tickvals": list(names),
        "showgrid": False,
        "showline": False,
        **more,
    }
    if top_down:
        made["range"] = [len(names) - 0.5, -0.5]
    return made


def bare_axis(**more: Any) -> dict[str, Any]:
    """No line, no ticks, no grid: a picture's frame."""
    return {"visible": False, "showgrid": False, **more}


def round_ticks(low: float, high: float, steps: Sequence[float] | None = None) -> list[float]:
    """At most five round numbers from ``low`` to ``high``; a step that hits ``low`` is preferred to a finer one."""
    span = (high - low) or 1.0
    power = 10.0 ** np.floor(np.log10(span))
    found = []
    for step in steps or [size * power * scale for scale in (0.1, 1.0) for size in (1.0, 2.0, 2.5, 5.0)]:
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first < TICKS:
            # rounding also turns -0.0 into 0.0
            found.append([float(np.round(number * step, 12)) + 0.0 for number in np.arange(first, last + 1)])
    hits = [ticks for ticks in found if ticks and abs(ticks[0] - low) < 1e-9 * span and len(ticks) >= 3]
    return (hits or found or [[low, high]])[0]


def log_ticks(low: float, high: float) -> list[float]:
    """At most five round numbers between 10**low and 10**high."""
    powers = [float(power) for power in range(int(np.floor(low)), int(np.ceil(high)) + 1)]
    for digits in (tuple(range(1, 10)), (1, 2, 4, 6, 8), (1, 2, 4, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{digit}e{power:.0f}") for power in powers for digit in digits]
        shown = [tick for tick in ticks if low <= np.log10(tick) <= high]
        if len(shown) <= TICKS:
            return shown
    return [10.0**power for power in powers[:: -(-len(powers) // TICKS)]]


def _percent_ticks(low: float, high: float) -> dict[str, Any]:
    """Plotly's own per cent has no space before the sign, so the ticks are written out."""
    ticks = round_ticks(low, high, steps=(0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0))
    return {"tickmode": "array", "tickvals": ticks, "ticktext": [f"{100 * tick:.0f} %" for tick in ticks]}
