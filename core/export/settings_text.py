"""A spec's settings as rows that a person reads: part, setting, value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.specs import Spec


class Setting(NamedTuple):
    """One setting: the part of the analysis it belongs to, its title, its value, and its path."""

    part: str
    title: str
    value: str
    path: str


_PARTS = {
    "data": "Data",
    "features": "Genes",
    "network": "Network",
    "objective": "Objective",
    "training": "Training",
    "analysis": "Analysis",
}


def settings(spec: Spec, *, changed_only: bool = False) -> list[Setting]:
    """Every setting of ``spec`` that has a value, in the order of its fields.

    Parameters
    ----------
    spec
        Usually a run's.
    changed_only
        Leave out those at the default of their field.
    """
    found = list(_walk(spec, "", "", changed_only))
    return [setting for setting in found if not setting.path.endswith(("fingerprint", "analysis.task"))]


def in_words(value: object) -> str:
    """A setting's value as text: yes and no, thousands with a comma, small numbers as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(in_words(item) for item in value)
    return str(value)


def _walk(spec: Spec, path: str, where: str, changed_only: bool) -> Iterator[Setting]:
    for name, field in type(spec).model_fields.items():
        value = getattr(spec, name)
        here = f"{path}.{name}" if path else name
        title = field.title or name.replace("_", " ").capitalize()
        label = f"{where}, {title[:1].lower()}{title[1:]}" if where else title
        if isinstance(value, Spec):
            yield from _walk(value, here, "" if not path else label, changed_only)
        elif isinstance(value, tuple) and value and all(isinstance(item, Spec) for item in value):
            for number, item in enumerate(value):
                yield from _walk(item, f"{here}.{number}", f"{label} {number + 1}", changed_only)
        elif value not in (None, "", ()) and not (changed_only and value == field.default):
            part = _PARTS.get(here.split(".")[0], "Run")
            yield Setting(part, label, in_words(value), here)
