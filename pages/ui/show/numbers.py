"""Number cards, lists of facts and progress in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from pages.ui.show.markup import chip, help_mark, rich


@dataclass(frozen=True)
class Number:
    """One number with its label.

    Attributes
    ----------
    label
        What it counts or measures.
    value
        As it should read: ``41,200``.
    unit
        Small text beside the value.
    help
        Text behind the question mark.
    """

    label: str
    value: str
    unit: str = ""
    help: str | None = None


def number_cards(numbers: Sequence[Number]) -> None:
    """A row of equally wide cards, one number each."""
    cards = "".join(f'<div class="cd-number">{_number(number)}</div>' for number in numbers)
    st.html(f'<div class="cd-numbers" style="--cd-count:{len(numbers)}">{cards}</div>')


def facts(numbers: Sequence[Number]) -> None:
    """Big values with their label below, side by side inside a card: ``2,638 cells``."""
    items = "".join(
        f'<div><div class="cd-value">{escape(number.value)}</div>'
        f'<div class="cd-label">{escape(number.label)}{help_mark(number.help)}</div></div>'
        for number in numbers
    )
    st.html(f'<div class="cd-facts">{items}</div>')


def key_values(rows: Mapping[str, str], states: Mapping[str, str] | None = None) -> None:
    """A list of words with their values at the right, such as the summary of settings.

    Parameters
    ----------
    rows
        Word -> value. Both may hold ``**bold**`` and ```code```.
    states
        Word -> state, shown as a chip behind the value.
    """
    chosen = states or {}
    lines = "".join(
        f"<div><span>{rich(word)}</span><span>{rich(value)}{_chip(chosen.get(word))}</span></div>"
        for word, value in rows.items()
    )
    st.html(f'<div class="cd-pairs">{lines}</div>')


def progress(text: str, share: float, remark: str = "") -> None:
    """A bar with words on both sides: ``Epoch 38 of 100``, the bar, ``42 s left``.

    Parameters
    ----------
    text
        At the left, in semibold.
    share
        Filled part of the bar, 0 to 1.
    remark
        At the right, muted.
    """
    width = 100 * min(max(share, 0.0), 1.0)
    st.html(
        f'<div class="cd-progress"><b>{escape(text)}</b><div class="cd-track" role="progressbar"'
        f' aria-valuenow="{width:.0f}" aria-valuemin="0" aria-valuemax="100"><div style="width:{width:.1f}%"></div>'
        f'</div><span class="cd-muted">{escape(remark)}</span></div>'
    )


def _number(number: Number) -> str:
    unit = f'<span class="cd-muted">{escape(number.unit)}</span>' if number.unit else ""
    return (
        f'<div class="cd-label">{escape(number.label)}{help_mark(number.help)}</div>'
        f'<div class="cd-value">{escape(number.value)} {unit}</div>'
    )


def _chip(state: str | None) -> str:
    return chip(state) if state else ""
