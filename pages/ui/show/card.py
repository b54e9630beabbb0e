"""Bordered cards with a title row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import streamlit as st

from pages.ui.show.markup import chip, help_mark, slug

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


@dataclass(frozen=True)
class Card:
    """An open card.

    Attributes
    ----------
    body
        Where the content goes; already entered inside ``with card(...)``.
    actions
        The slot at the right of the title: a segmented control, a link or a small button.
    """

    body: DeltaGenerator
    actions: DeltaGenerator


@contextmanager
def card(
    title: str = "",
    *,
    help: str | None = None,
    subtitle: str = "",
    state: str = "",
    height: int | Literal["content", "stretch"] = "stretch",
    key: str = "",
    gap: int = 8,
) -> Iterator[Card]:
    """A bordered panel; what is drawn inside the ``with`` lies in it.

    Parameters
    ----------
    title
        Title of the card, in semibold; empty for a card without a title row.
    help
        Text behind the question mark.
    subtitle
        Short muted text behind the title.
    state
        A state word shown as a chip at the right, such as ``selected``.
    height
        ``stretch`` shares the height of its row, ``content`` is as high as what it holds, a number is in pixels.
    key
        Needed where two cards of a page have the same title, or none.
    gap
        Space between the elements inside, in pixels.

    Examples
    --------
    >>> with card("Total loss", help="Lower is better.") as panel:
    ...     scale = panel.actions.segmented_control("Scale", ["Linear", "Log"], label_visibility="collapsed")
    ...     figure(loss_curves(metrics), "loss")
    """
    name = key or slug(title)
    body = st.container(border=True, height=height, key=f"card-{name}", gap=gap)
    with body:
        actions = _title_row(title, help, subtitle, state, name) if title else body
        yield Card(body, actions)


def section(title: str, subtitle: str = "") -> None:
    """A heading between rows of cards."""
    st.html(f'<div class="cd-section"><h2>{escape(title)}</h2>{_muted(subtitle)}</div>')


def _title_row(title: str, help: str | None, subtitle: str, state: str, name: str) -> DeltaGenerator:
    with st.container(horizontal=True, vertical_alignment="center", key=f"cardhead-{name}", gap=8, wrap=False):
        mark = chip(state) if state else ""
        st.html(
            f'<div class="cd-cardtitle"><h2>{escape(title)}</h2>{help_mark(help)}{_muted(subtitle)}'
            f'<span class="cd-spring"></span>{mark}</div>'
        )
        return st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            key=f"cardactions-{name}",
            gap=8,
            width="content",
            wrap=False,
        )


def _muted(text: str) -> str:
    return f'<span class="cd-muted">{escape(text)}</span>' if text else ""
