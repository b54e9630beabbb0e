"""Sentences to the user: notes with a remedy, three-part errors, and what an empty page says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

import streamlit as st

from core.errors import AppError, sentence, shown
from pages.ui import registry
from pages.ui.show.markup import rich, slug, symbol

Kind = Literal["explain", "attention", "failed", "good"]

ICONS: dict[str, str] = {"explain": "info", "attention": "warning", "failed": "error", "good": "check_circle"}


def note(
    text: str,
    kind: Kind = "explain",
    *,
    actions: Sequence[str] = (),
    page: str = "",
    icon: str = "",
    key: str = "",
) -> str | None:
    """A tinted bar over the full width: blue to explain, amber for what needs a decision, with its remedy as a link.

    Parameters
    ----------
    text
        What was found, what it means, what to do; ``**bold**`` and ```code``` are kept.
    kind
        Sets colour and icon.
    actions
        Words that become links behind the text, such as ``("Recompute", "Keep it as it is")``.
    page
        Name of the page that provides the remedy; linked by its title.
    icon
        Material symbol in place of the kind's own.
    key
        Needed where two notes of a page say the same.

    Returns
    -------
    The action that was clicked, if any.
    """
    body = f'<div class="cd-note">{symbol(icon or ICONS[kind])}<span>{rich(text)}</span></div>'
    if not actions and not page:
        st.html(f'<div class="cd-notebar cd-{kind}">{body}</div>')
        return None
    name = key or slug(text)[:60]
    clicked = None
    with st.container(horizontal=True, vertical_alignment="center", key=f"note-{kind}-{name}", gap=12):
        st.html(body, width="content")
        for action in actions:
            if st.button(action, type="tertiary", key=f"note-{name}-{slug(action)}"):
                clicked = action
        if page:
            link(page)
    return clicked


def error(problem: AppError) -> None:
    """What happened, which value, what to do."""
    value = "" if problem.value is None else f"<div>Got <code>{escape(shown(problem.value))}</code></div>"
    remedy = f"<div>{rich(problem.remedy)}</div>" if problem.remedy else ""
    st.html(
        f'<div class="cd-notebar cd-failed" role="alert"><div class="cd-note">{symbol("error")}'
        f"<div><b>{rich(problem.what)}</b>{value}{remedy}</div></div></div>"
    )


def empty(
    title: str, text: str, *, page: str = "", icon: str = "inbox", facts: Mapping[str, str] | None = None
) -> None:
    """What stands where there is nothing yet: what is missing, why it matters, and where to get it.

    Parameters
    ----------
    title
        What is missing: ``No run yet``.
    text
        What it is needed for.
    page
        Name of the page that provides it.
    icon
        Name of a Material symbol.
    facts
        Further words and values.
    """
    with st.container(border=True, key=f"empty-{slug(title)}", horizontal_alignment="center", gap=8, height="stretch"):
        extra = "".join(f"<div>{escape(word)}: {escape(value)}</div>" for word, value in (facts or {}).items())
        st.html(
            f'<div class="cd-empty">{symbol(icon)}<h2>{escape(title)}</h2>'
            f'<p>{rich(sentence(text))}</p><div class="cd-muted">{extra}</div></div>'
        )
        if page:
            link(page, label=f"Go to {registry.page(page).title}")


def link(name: str, label: str = "") -> None:
    """A link to the page called ``name``; its title alone where the page is not installed."""
    page = registry.page(name)
    if page.exists:
        st.page_link(page.file, label=label or page.title, icon=":material/arrow_forward:")
    else:
        st.html(f'<span class="cd-muted">{escape(page.title)}</span>')


def text(words: str, *, muted: bool = False, strong: bool = False) -> None:
    """A paragraph in the body size; ``**bold**`` and ```code``` are kept."""
    name = "cd-muted" if muted else "cd-strong" if strong else ""
    st.html(f'<p class="cd-text {name}">{rich(words)}</p>')
