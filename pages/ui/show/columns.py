"""Columns of a table: what their cells hold and how the browser draws them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pages.ui.show.markup import STATES

Kind = Literal["text", "number", "code", "gene", "chip", "swatch", "meter", "range", "link"]


@dataclass(frozen=True)
class Column:
    """How one column is shown.

    Attributes
    ----------
    title
        Head of the column; empty for the field's own name.
    kind
        ``text``; ``number`` (right-aligned); ``code`` (file names); ``gene`` (italic); ``chip`` (a state word, or a
        pair of state word and text); ``swatch`` (text behind a square of its colour); ``meter`` (a share from 0 to 1
        as a bar and a number); ``range`` (a triple low, value, high as a bar with a dot); ``link`` (a label, or a
        list of labels, each of which answers a click; ``{"text": words}`` for a cell without a link).
        A value of any kind may be ``{"text": words, "sort": number}``: shown as the words, sorted by the number.
    format
        Format specification of a number, such as ``,.0f`` or ``.2e``; ``%`` shows ``38.5 %``.
    help
        Text behind the head's question mark.
    colours
        Colour of each value, for ``swatch`` and ``range`` (by the field in ``colour_by``).
    colour_by
        Field whose value chooses the colour of a ``range``.
    limits
        Ends of a ``meter``'s or ``range``'s scale.
    strong, muted
        Semibold or muted text.
    """

    title: str = ""
    kind: Kind = "text"
    format: str = ""
    help: str | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    colour_by: str = ""
    limits: tuple[float, float] = (0.0, 1.0)
    strong: bool = False
    muted: bool = False


def head(name: str, column: Column) -> dict[str, Any]:
    """A column's head and how its cells are drawn."""
    style = {"number": "cd-right", "gene": "cd-italic", "code": "cd-mono"}.get(column.kind, "")
    style += " cd-tight" if column.kind in ("chip", "meter", "range", "number") else ""
    marks = f"{style}{' cd-bold' if column.strong else ''}{' cd-dim' if column.muted else ''}"
    kind = column.kind if column.kind in ("chip", "swatch", "meter", "range", "link") else "text"
    title = column.title or name.replace("_", " ").capitalize()
    return {
        "field": name,
        "title": title,
        "kind": kind,
        "right": column.kind == "number",
        "help": column.help,
        "name_of_class": marks.strip(),
    }


def cell(column: Column, value: Any, record: Mapping[str, Any]) -> Any:
    """``value`` as the browser draws it."""
    if missing(value):
        return None
    return str(value["text"]) if _sorted_by_itself(value) else _drawn(column, value, record)


def _sorted_by_itself(value: object) -> bool:
    return isinstance(value, Mapping) and "sort" in value


def _drawn(column: Column, value: Any, record: Mapping[str, Any]) -> Any:
    if column.kind == "chip":
        state, text = value if isinstance(value, (tuple, list)) else (value, "")
        word, tone, icon = STATES.get(state, (str(state), "neutral", ""))
        return {"text": text or word, "tone": tone, "icon": icon}
    if column.kind == "swatch":
        return {"text": str(value), "colour": column.colours.get(str(value), "transparent")}
    low, high = column.limits
    if column.kind == "meter":
        return {"text": formatted(value, column.format or ".2f"), "share": (value - low) / (high - low)}
    if column.kind == "range":
        left, at, right = ((float(part) - low) / (high - low) for part in value)
        colour = column.colours.get(str(record.get(column.colour_by)), "var(--cd-primary)")
        return {"low": max(left, 0.0), "at": at, "high": min(right, 1.0), "colour": colour}
    if column.kind == "link" and isinstance(value, Mapping):
        return str(value["text"])
    if column.kind == "link":
        return [value] if isinstance(value, str) else [str(label) for label in value]
    return formatted(value, column.format)


def formatted(value: object, form: str) -> str:
    """``value`` as text: thousands with a comma, percent with a space before the sign, a true minus."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if math.isnan(value):
        return ""
    if form.endswith("%"):
        return f"{100 * value:{form[:-1] or '.1f'}} %".replace("-", "−")
    text = f"{value:{form or (',d' if isinstance(value, int) else ',.4g')}}"
    return text.replace("-", "−") if "e" not in text else text


def sortable(value: Any) -> Any:
    """What a column is sorted by: the value itself, or the text of a chip."""
    if isinstance(value, tuple | list):
        parts = list(value)
        return sortable(parts[min(1, len(parts) - 1)]) if parts else None
    if isinstance(value, Mapping):
        return sortable(value.get("sort", value.get("text")))
    if missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return value if isinstance(value, str | int | float) else str(value)


def missing(value: object) -> bool:
    """Whether there is nothing to show."""
    return value is None or (isinstance(value, float) and math.isnan(value))
