"""Small pieces of HTML in the app's look; every text that enters is escaped."""

from __future__ import annotations

import re
from html import escape

STATES: dict[str, tuple[str, str, str]] = {
    "current": ("Current", "good", "check"),
    "stale": ("Stale", "attention", "history"),
    "missing": ("Missing", "neutral", "remove"),
    "queued": ("Queued", "neutral", "schedule"),
    "starting": ("Starting", "primary", "play_arrow"),
    "training": ("Training", "primary", "play_arrow"),
    "running": ("Training", "primary", "play_arrow"),
    "finished": ("Finished", "good", "check"),
    "stopped": ("Stopped", "attention", "stop"),
    "lost": ("Lost", "failed", "error"),
    "failed": ("Failed", "failed", "error"),
    "choose": ("Choose", "attention", "help"),
    "note": ("Note", "primary", "info"),
    "fine": ("Fine", "good", "check"),
    "ready": ("Ready", "good", "check"),
    "selected": ("Selected", "primary", ""),
}
"""State word -> its text, tone and icon. Tones: good, attention, failed, primary, neutral."""


def chip(state: str, text: str = "", tone: str = "", icon: str | None = None) -> str:
    """One chip as HTML.

    Parameters
    ----------
    state
        One of ``STATES``, or any text with its own ``tone``.
    text
        What the chip says in place of the state's own word, such as ``1 stale``.
    tone, icon
        In place of the state's own. ``icon`` is the name of a Material symbol, empty for none.
    """
    word, own_tone, own_icon = STATES.get(state, (state, "neutral", ""))
    mark = own_icon if icon is None else icon
    return f'<span class="cd-chip cd-{tone or own_tone}">{symbol(mark)}{escape(text or word)}</span>'


def swatch(colour: str) -> str:
    """A small square of ``colour``."""
    return f'<span class="cd-swatch" style="background:{plain_colour(colour)}"></span>'


def symbol(name: str) -> str:
    """A Material symbol, from the font that comes with Streamlit."""
    return f'<span class="cd-icon" aria-hidden="true">{escape(name)}</span>' if name else ""


def help_mark(text: str | None) -> str:
    """A question mark whose text appears under the pointer or with the keyboard's focus."""
    if not text:
        return ""
    safe = escape(text, quote=True)
    return (
        f'<span class="cd-help" tabindex="0" role="note" aria-label="{safe}" data-tip="{safe}">{symbol("help")}</span>'
    )


def slug(text: str) -> str:
    """``text`` as a part of a widget key."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def rich(text: str) -> str:
    """Escape ``text``; ``**bold**`` and ```code``` are kept."""
    safe = escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", safe)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", safe)


def plain_colour(colour: str) -> str:
    """``colour`` if it is a plain colour word, hex or rgb, so that no style can slip in through a file's palette."""
    return colour if re.fullmatch(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|rgba?\([\d., %]+\)", colour) else "transparent"
