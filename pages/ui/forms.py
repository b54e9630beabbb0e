"""From a spec to widgets and back: title, help, bounds and choices come from the spec's own fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from core.errors import SpecError
from core.specs import Spec, parse
from pages.ui import widgets
from pages.ui.fields import Setting, settings
from pages.ui.show import notes

S = TypeVar("S", bound=Spec)


def edit(
    spec: S,
    key: str,
    fields: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    *,
    words: Mapping[str, Mapping[str, str]] | None = None,
    columns: int = 1,
    folded: bool = False,
) -> S:
    """Draw a widget for each setting of ``spec`` and return the spec as the widgets say.

    Parameters
    ----------
    spec
        The settings as they are.
    key
        Path of the spec and the recipe's content key, such as ``f"network.code.{recipe_key}"``; the widgets' keys begin
        with it.
    fields
        Names of the settings to draw, in order; all that a widget can draw where nothing is given. Layers have
        ``layer_table``; a spec inside the spec is drawn under a switch where it may be left out.
    labels
        Field -> label, in place of the spec's own title.
    words
        Field -> option -> word, in place of the options' own names.
    columns
        Widgets side by side.
    folded
        Whether the widgets lie in a popover, where they are built later than they are sent.

    Returns
    -------
    The changed spec; ``spec`` itself where the values do not fit together, which is said below the widgets.
    """
    known = settings(type(spec))
    drawn = [known[name] for name in (fields or known)]
    values: dict[str, Any] = {}
    slots = st.columns(columns, gap=12) if columns > 1 else []
    for number, setting in enumerate(drawn):
        own = (labels or {}).get(setting.name, "")
        path = f"{key}.{setting.name}"
        if folded:
            widgets.resend(path)
        with slots[number % columns] if slots else st.container(gap=8):
            now = getattr(spec, setting.name)
            if setting.kind == "group":
                values[setting.name] = _group(setting, now, path, own, folded)
            else:
                values[setting.name] = widgets.draw(setting, now, path, own, (words or {}).get(setting.name))
    return checked(spec, values)


def checked(spec: S, values: Mapping[str, Any]) -> S:
    """``spec`` with ``values``, all checks run; ``spec`` itself and a three-part message where they do not fit."""
    plain = {name: value.model_dump() if isinstance(value, Spec) else value for name, value in values.items()}
    try:
        return parse(type(spec), {**spec.model_dump(), **plain})
    except SpecError as problem:
        notes.error(problem)
        return spec


def _group(setting: Setting, value: Spec | None, path: str, label: str, folded: bool) -> Spec | None:
    assert setting.group is not None
    title = label or setting.title
    if setting.optional:
        if folded:
            widgets.resend(f"{path}#on")
        widgets.seed(f"{path}#on", value is not None, value is not None)
        if not st.toggle(title, key=f"{path}#on", help=setting.help):
            return None
    else:
        notes.text(title, strong=True)
    return edit(value or setting.group(), path, folded=folded)
