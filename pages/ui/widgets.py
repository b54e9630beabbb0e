"""One widget for one setting. The widget's state is seeded here, never with ``value=``, and follows the spec."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any

import streamlit as st

from pages.ui.fields import Setting, worded
from pages.ui.show.markup import slug

SMALLEST_LOG = 1e-6
STEPS_OF_A_DECADE = (1.0, 2.0, 5.0)
UNKNOWN = object()


def draw(setting: Setting, value: Any, key: str, label: str = "", words: Mapping[str, str] | None = None) -> Any:
    """Draw ``setting`` with ``value`` and return what it says now.

    Parameters
    ----------
    setting
        What is asked.
    value
        The spec's value; the widget takes it over where it was changed elsewhere.
    key
        Key of the widget, with the path of the setting.
    label
        In place of the setting's title.
    words
        In place of the names of its options.
    """
    title = label or setting.title
    if setting.kind == "switch":
        seed(key, bool(value), value)
        return st.toggle(title, key=key, help=setting.help)
    if setting.kind in ("choice", "choices"):
        return _choice(setting, value, key, title, words or {})
    if setting.kind == "numbers":
        seed(key, list(value), value)
        chosen = st.multiselect(title, setting.options, key=key, help=setting.help, placeholder="none")
        return tuple(sorted(chosen))
    if setting.kind == "lines":
        seed(key, "\n".join(value), value)
        return tuple(
            line.strip() for line in st.text_area(title, key=key, help=setting.help).splitlines() if line.strip()
        )
    if setting.kind == "words":
        seed(key, value or "", value)
        text = st.text_input(title, key=key, help=setting.help)
        return None if setting.optional and not text else text
    return _number(setting, value, key, title)


def seed(key: str, shown: Any, value: Any) -> None:
    """Give a widget its value at first, and again where the setting was changed elsewhere."""
    seen = f"{key}#seen"
    if key not in st.session_state or st.session_state.get(seen, UNKNOWN) != value:
        st.session_state[key] = shown
    st.session_state[seen] = value


def resend(key: str) -> None:
    """Send a widget's value to the browser once more.

    A widget in a closed popover is built when that is opened, and starts empty if its value was sent before.
    """
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]


def steps(low: float, high: float, value: float | None) -> list[float]:
    """Values of a slider over decades: 1, 2 and 5 of each, zero where it is allowed, and ``value`` itself.

    Parameters
    ----------
    low, high
        Bounds of the setting.
    value
        The present value, which need not be a round one.
    """
    first = math.floor(math.log10(low if low > 0 else SMALLEST_LOG))
    last = math.ceil(math.log10(high))
    made = [digit * 10.0**decade for decade in range(first, last + 1) for digit in STEPS_OF_A_DECADE]
    kept = {float(f"{each:.6g}") for each in made if max(low, SMALLEST_LOG) <= each <= high}
    return sorted(kept | ({0.0} if low <= 0 else set()) | ({value} if value is not None else set()))


def _choice(setting: Setting, value: Any, key: str, title: str, words: Mapping[str, str]) -> Any:
    options = list(setting.options)

    def shown(option: Any) -> str:
        return "none" if option is None else words.get(str(option), worded(option))

    if setting.kind == "choices":
        seed(key, list(value), value)
        chosen = st.pills(title, options, selection_mode="multi", format_func=shown, key=key, help=setting.help)
        return tuple(option for option in options if option in chosen)
    if setting.optional:
        options = [None, *options]
    seed(key, value, value)
    if setting.segments(words) and not setting.optional:
        return st.segmented_control(title, options, format_func=shown, key=key, help=setting.help, required=True)
    return st.selectbox(title, options, format_func=shown, key=key, help=setting.help)


def _number(setting: Setting, value: Any, key: str, title: str) -> Any:
    seed(key, value, value)
    if setting.kind == "log" and not setting.optional:
        options = steps(setting.low or 0.0, setting.high or 1.0, value)
        with _beside(key, f"{st.session_state[key]:g}"):
            return float(
                st.select_slider(title, options, format_func=lambda each: f"{each:g}", key=key, help=setting.help)
            )
    if setting.kind == "share" and not setting.optional and _on_grid(value, setting.step):
        low, high = float(setting.low or 0), float(setting.high or 1)
        digits = max(0, -math.floor(math.log10(setting.step)))
        with _beside(key, f"{st.session_state[key]:.{digits}f} {setting.unit}"):
            return round(float(st.slider(title, low, high, step=setting.step, key=key, help=setting.help)), 6)
    whole = setting.kind == "integer"
    named = f"{title}, {setting.unit}" if setting.unit else title
    # without a default a number may be emptied, which only optional settings allow
    start: Any = None if setting.optional else "min"
    return st.number_input(
        named,
        _bound(setting.low, whole),
        _bound(setting.high, whole),
        value=start,
        step=1 if whole else _step(value),
        format="%d" if whole else "%g",
        key=key,
        help=setting.help,
        placeholder="none",
    )


@contextmanager
def _beside(key: str, value: str) -> Iterator[None]:
    """A place for a slider with its value at the right of its label, where the style sheet puts it."""
    with st.container(key=f"slider-{slug(key)}", gap=None):
        st.html(f'<div class="cd-slider-value" aria-hidden="true">{escape(value.strip())}</div>')
        yield


def _on_grid(value: float | None, step: float) -> bool:
    """Whether a slider of this step can show ``value`` as it is."""
    return value is not None and abs(value / step - round(value / step)) < 1e-6


def _step(value: float | None) -> float:
    return 10.0 ** math.floor(math.log10(abs(value))) / 10 if value else 0.1


def _bound(bound: float | None, whole: bool) -> float | int | None:
    return None if bound is None else int(bound) if whole else float(bound)
