"""Parts of a page that run in the browser: their scripts lie in ``assets`` and are registered once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.components.v2 import component as register

from pages.ui.registry import ASSETS


@cache
def component(name: str, *files: str) -> Callable[..., Any]:
    """The mounting command of a browser part.

    Parameters
    ----------
    name
        Name of the part, unique in the app.
    files
        Files of ``assets`` that together are one JavaScript module, in order.
    """
    script = "\n".join((ASSETS / file).read_text(encoding="utf-8") for file in files)
    return register(f"celldesk_{name}", js=script, isolate_styles=False)


def heard() -> None:
    """Streamlit keeps a value sent from the browser only where a callback waits for it; the page reads it itself."""
