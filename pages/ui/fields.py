"""What a spec's field asks for: its kind, bounds, unit and words, read from the pydantic ``Field``."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from core.specs import Spec

Kind = Literal["switch", "integer", "number", "share", "log", "choice", "choices", "numbers", "words", "lines", "group"]

WIDEST_SEGMENTS = 36
"""Letters that fit side by side in a narrow panel; longer choices become a select box."""
MOST_SEGMENTS = 5
SHARE_STEP = 0.01


@dataclass(frozen=True)
class Setting:
    """One field as a widget sees it.

    Attributes
    ----------
    name, title, help
        Field name, label and the text behind the question mark.
    kind
        Which widget draws it.
    optional
        Whether it may be empty.
    low, high
        Bounds, where there are any.
    options
        Values of a choice.
    group
        The spec below a ``group``.
    unit, step
        Unit shown behind a slider's value, and the slider's step.
    """

    name: str
    title: str
    help: str | None
    kind: Kind
    optional: bool = False
    low: float | None = None
    high: float | None = None
    options: tuple[Any, ...] = ()
    group: type[Spec] | None = None
    unit: str = ""
    step: float = SHARE_STEP

    def segments(self, words: Mapping[str, str] | None = None) -> bool:
        """Whether a choice fits side by side, its options called by ``words`` where that names them."""
        letters = sum(len((words or {}).get(str(option), worded(option))) + 3 for option in self.options)
        return len(self.options) <= MOST_SEGMENTS and letters <= WIDEST_SEGMENTS


def settings(kind: type[Spec]) -> dict[str, Setting]:
    """Every field of ``kind`` that a widget can draw, by name; layers and files have widgets of their own."""
    found = {name: setting(name, field) for name, field in kind.model_fields.items()}
    return {name: made for name, made in found.items() if made is not None}


def setting(name: str, field: FieldInfo) -> Setting | None:
    """One field, or ``None`` where no single widget can draw it."""
    annotation, optional = _without_none(field.annotation)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    low, high = _bounds(field)
    kind, options, group = _kind(annotation, low, high, extra)
    if kind is None:
        return None
    title = field.title or name.replace("_", " ").capitalize()
    unit, step = str(extra.get("unit", "")), float(extra.get("step", SHARE_STEP))  # type: ignore[arg-type]  a number by our own rule
    return Setting(name, title, field.description, kind, optional, low, high, options, group, unit, step)


def worded(option: object) -> str:
    """A choice as a word: ``negative_binomial`` reads "negative binomial"."""
    return str(option).replace("_", " ")


def _kind(
    annotation: Any, low: float | None, high: float | None, extra: Mapping[str, Any]
) -> tuple[Kind | None, tuple[Any, ...], type[Spec] | None]:
    if get_origin(annotation) is Literal:
        options = get_args(annotation)
        return ("choice", options, None) if len(options) > 1 else (None, (), None)
    if annotation is bool:
        return "switch", (), None
    if annotation is int:
        return "integer", (), None
    if annotation is float:
        bounded = low is not None and high is not None and low >= 0 and (high <= 1 or "step" in extra)
        return ("log" if extra.get("log") else "share" if bounded else "number"), (), None
    if annotation is str:
        return "words", (), None
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return "group", (), annotation
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        if get_origin(inner) is Annotated and get_args(inner)[0] is int:
            low, high = _bounds(get_args(inner)[1])
            if low is None or high is None:
                return None, (), None
            return "numbers", tuple(range(int(low), int(high) + 1)), None
        if inner is str:
            return "lines", (), None
        if get_origin(inner) is Literal:
            return "choices", get_args(inner), None
    return None, (), None


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    parts = [part for part in get_args(annotation) if part is not type(None)]
    optional = len(parts) < len(get_args(annotation))
    return (parts[0] if len(parts) == 1 else annotation), optional


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    low = high = None
    for rule in field.metadata:
        low = next((getattr(rule, name) for name in ("ge", "gt") if getattr(rule, name, None) is not None), low)
        high = next((getattr(rule, name) for name in ("le", "lt") if getattr(rule, name, None) is not None), high)
    return low, high
