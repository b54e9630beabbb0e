"""Settings that are shown only when asked for."""

from __future__ import annotations

from pages.ui import session, show


def unfolded(panel: show.Card, key: str, more: str = "More", less: str = "Less", help: str | None = None) -> bool:
    """A button in the card's title row that shows the rest of its settings and hides them; whether they are shown.

    Parameters
    ----------
    panel
        The open card.
    key
        Key of the button; what it says holds on every page of this tab.
    more, less
        The button's words.
    help
        What the settings are about.
    """
    name = f"{key}.shown"
    shown = bool(session.kept(name, False))
    panel.actions.button(
        less if shown else more,
        icon=":material/expand_less:" if shown else ":material/expand_more:",
        key=key,
        help=help,
        on_click=lambda: session.keep(name, not shown),
    )
    return shown
