"""Which search is looked at, and its buttons: start, stop, resume."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.project import Project
from core.recipes import RECIPES
from core.search.folder import Search, searches
from core.search.launch import launch
from core.specs import SearchSpec
from core.tasks.readiness import lacking, require_ready
from pages.ui import session, show

CHOSEN = "search.chosen"
BOX_WIDTH = 128


def shown(project: Project) -> Search | None:
    """The search chosen last in this tab, else the newest."""
    found = searches(project)
    chosen = session.kept(CHOSEN)
    return next((each for each in found if each.directory.name == chosen), found[0] if found else None)


def header(project: Project, search: Search | None) -> bool:
    """Title and buttons; whether a new search was asked for."""
    stop = resumed = False
    found = searches(project)
    busy = any(each.status.active for each in found)
    with show.page_header("search", title=search.name if search else ""):
        if search is not None:
            _box(found, search)
            if search.status.active:
                going = search.stop_requested
                words = "Stopping" if going else "Stop"
                stop = st.button(words, icon=":material/stop:", disabled=going, key="search-stop")
            elif search.can_resume:
                resumed = st.button(f"Resume {search.name}", icon=":material/resume:", key="search-resume")
        asked = st.button(
            "Start the search", type="primary", icon=":material/play_arrow:", key="search-start", disabled=busy
        )
    if stop and search is not None:
        search.request_stop()
        st.rerun()
    if resumed and search is not None:
        resume(search)
    return asked


def start(project: Project, plan: SearchSpec) -> None:
    """Start a search of the draft in a process of its own, and look at it."""

    def begin() -> bool:
        require_ready(project, project.draft)
        search = Search.of_project(project, plan)
        launch(search)
        session.keep(CHOSEN, search.directory.name)
        return True

    if session.attempt(begin):
        st.rerun()


def resume(search: Search) -> None:
    """Go on with the trials that are left."""

    def again() -> bool:
        launch(search)
        return True

    if session.attempt(again):
        st.rerun()


def without_searches(project: Project) -> None:
    """What stands here before the first search."""
    draft = project.draft
    lacks = lacking(draft, draft.analysis.task)
    first = f"First bring {' and '.join(lacks)} on the Data page." if lacks else "Choose what varies, and start."
    show.empty(
        "Nothing has been searched yet",
        "A search trains the network with other settings, trial after trial, and shows which do best on the validation "
        f"cells. {first}",
        page="data" if lacks else "network",
        icon="tune",
        facts={"Recipe": RECIPES[draft.recipe].system if draft.recipe in RECIPES else "none"},
    )


def _box(found: Sequence[Search], search: Search) -> None:
    if len(found) < 2:
        return
    names = {each.directory.name: each.name for each in found}
    st.session_state["search-box"] = search.directory.name
    st.selectbox(
        "Search",
        list(names),
        format_func=lambda name: names[name],
        key="search-box",
        label_visibility="collapsed",
        width=BOX_WIDTH,
        on_change=lambda: session.keep(CHOSEN, st.session_state["search-box"]),
    )
