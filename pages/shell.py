"""The frame around every page; Streamlit runs it first, whatever page was asked for."""

from __future__ import annotations

from pages.ui import frame, registry

frame.show(registry.present())
