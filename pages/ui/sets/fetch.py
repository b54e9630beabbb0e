"""Gene-set libraries fetched from MSigDB and Enrichr."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.tasks.set_fetch import SOURCES
from pages.ui import background, session, show
from pages.ui.explore import gene_sets

if TYPE_CHECKING:
    from pages.ui.sets.view import Desk

WORDS = (
    "From the makers' own servers, through gseapy. Only the library's name is sent; the file stays in the project with "
    "its source and date. Mind the makers' licences."
)
MINUTES = 10


def form(desk: Desk) -> None:
    """Source, list of its libraries, and a button that fetches one."""
    show.text(WORDS, muted=True)
    source = str(st.selectbox("Source", SOURCES, key="fetch-source"))
    listed = session.kept(f"libraries-{source}")
    if listed is None:
        if st.button("List its libraries", icon=":material/cloud:", key="fetch-list"):
            with st.spinner(f"Asking {source}"):
                found = session.attempt(lambda: background.call("core.tasks.set_fetch:libraries", source=source))
            if found is not None:
                session.keep(f"libraries-{source}", found)
                st.rerun()
        return
    library = st.selectbox("Library", listed, index=None, placeholder="Type to search", key=f"fetch-library-{source}")
    if st.button("Fetch", icon=":material/download:", disabled=library is None, key="fetch-now"):
        arguments: dict[str, Any] = {"project_root": str(desk.project.root), "source": source, "library": str(library)}
        with st.spinner(f"Fetching {library}"):
            done = session.attempt(
                lambda: background.call("core.tasks.set_fetch:fetch", timeout=MINUTES * 60, **arguments)
            )
        if done is not None:
            gene_sets.look_at(desk.project, Path(done["path"]))
            st.rerun()
