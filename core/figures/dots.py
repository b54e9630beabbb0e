"""Dots of a chart, few or many."""

from __future__ import annotations

from typing import Any

from core.figures.style import Theme, rim

MANY = 600
"""Dots beyond which they are drawn small and see-through, without an outline."""


def dot(colour: str, theme: Theme, *, many: bool) -> dict[str, Any]:
    """The marker of a dot that lies among others; ``many``: small and see-through."""
    return {
        "size": 4 if many else 8,
        "opacity": 0.6 if many else 1.0,
        "color": colour,
        "line": {"color": edge(colour, theme), "width": 0 if many else 1},
    }


def edge(colour: str, theme: Theme) -> str:
    """The outline of a dot among others: its rim, or the colour of the panel."""
    darker = rim(colour, theme)
    return theme.panel if darker == colour else darker
