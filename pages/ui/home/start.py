"""Ways to begin: the demo, a new project, a folder that holds one."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import AppError, ProjectError
from core.project import Project
from core.recipes import Recipe, recipe
from core.workspace import slug, workspace
from pages.ui import background, session, show

FIRST_RECIPE = "deepscore"
"""What a project begins with before a recipe is chosen."""
DEMO = "Demo"
DEMO_TEXT = (
    "700 blood cells ship with CellDesk. 400 become a labelled reference, 200 are held back as the query, and six bulk "
    "samples are mixed from the rest. Nothing is downloaded."
)
DEMO_SETS = {
    "Reference": "400 cells, 10 types",
    "Query": "200 cells, labels hidden",
    "Bulk": "6 mixed samples",
    "Gene sets": "21 of blood cells",
}
SAID = "home.said"


def demo_card() -> None:
    """The demonstration: one click makes a project with data in place."""
    with show.card("Try it with real cells"):
        words, facts = st.columns([1.75, 1], gap=32, vertical_alignment="center")
        with words:
            show.text(DEMO_TEXT)
            if st.button("Try it with real cells", type="primary", icon=":material/play_arrow:", key="home-demo"):
                with st.spinner("Writing and checking the files"):
                    made = session.attempt(make_demo)
                if made is not None:
                    session.keep(SAID, f"**{made.name}** is open with its data in place. Choose a recipe to go on.")
                    st.rerun()
        with facts:
            show.key_values(DEMO_SETS)


def new_project_card() -> None:
    """Make a project, or open a folder that holds one."""
    with show.card("New project"):
        left, right = st.columns(2, gap=12)
        home = str(workspace().projects)
        name = left.text_input("Name", key="home-name", placeholder="Kidney pilot")
        folder = right.text_input(
            "Folder", value=home, key="home-folder", help="The project gets a folder of its own inside this one."
        )
        make, open_ = st.columns(2, gap=12)
        if make.button("Make project", icon=":material/add:", width="stretch", key="home-make"):
            made = session.attempt(lambda: make_project(name, recipe(FIRST_RECIPE), folder))
            if made is not None:
                session.keep(SAID, f"**{made.name}** is made and open. Choose a recipe, or bring your data first.")
                st.rerun()
        with open_.popover("Open a folder", icon=":material/folder_open:", width="stretch", key="home-open"):
            path = st.text_input("Folder of the project", key="home-open-path", placeholder=f"{home}/kidney-pilot")
            if st.button("Open", key="home-open-now", disabled=not path.strip()):
                opened = session.attempt(lambda: session.open_project(Path(path.strip()).expanduser()))
                if opened is not None:
                    st.rerun()


def said() -> None:
    """What the last action of this page brought, once."""
    words = session.kept(SAID)
    if words:
        show.note(words, "good")
        session.keep(SAID, None)


def make_project(name: str, wanted: Recipe, folder: str = "") -> Project:
    """A new project with the draft of ``wanted``, opened.

    Raises
    ------
    ProjectError
        If the name is empty or the folder cannot be written.
    """
    inside = not folder.strip() or Path(folder).expanduser() == workspace().projects
    root = None if inside else Path(folder.strip()).expanduser().resolve() / slug(name)
    made = Project.create(name.strip(), wanted.spec, root)
    return session.open_project(made.root)


def make_demo() -> Project:
    """A new project with the demonstration's data, opened.

    Raises
    ------
    AppError
        If the files cannot be written.
    """
    made = Project.create(_free_name(), recipe(FIRST_RECIPE).spec)
    try:
        background.call("core.tasks.admit:admit_demo", project_root=str(made.root))
    except AppError as problem:
        raise ProjectError(
            f"The demo could not be made: {problem.what}", problem.value, problem.remedy or "Try again"
        ) from None
    return session.open_project(made.root)


def _free_name() -> str:
    """``Demo``, or ``Demo 2`` where there is one already."""
    number, name = 1, DEMO
    while (workspace().projects / slug(name)).exists():
        number += 1
        name = f"{DEMO} {number}"
    return name
