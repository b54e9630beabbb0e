from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.project import Project
from core.specs import ClassSpec, ObjectiveSpec, RunSpec, SourceSpec
from core.workspace import workspace
from pages.ui import session


def draft() -> RunSpec:
    return RunSpec(objective=ObjectiveSpec(classes=ClassSpec()))


def page() -> None:
    import streamlit as st

    from pages.ui import registry, session

    def asks() -> None:
        wanted = st.query_params.get("need", "project")
        st.session_state["got"] = None
        st.session_state["got"] = session.need(wanted)  # pyright: ignore[reportArgumentType, reportCallIssue]

    # links to other pages work inside the navigation alone
    others = [st.Page(str(page.file), url_path=page.name) for page in registry.present()]
    st.navigation([st.Page(asks, default=True, url_path="asks"), *others], position="hidden").run()


def got(need: str = "project", **query: str):
    test = AppTest.from_function(page, default_timeout=30)
    test.query_params["need"] = need
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test.session_state["got"]


def test_without_a_project_the_page_stops():
    assert got() is None


def test_the_last_changed_project_is_open_and_an_address_names_another():
    first = Project.create("First", draft())
    second = Project.create("Second", draft())
    second.change("seed", 1)
    assert got().name == "Second"
    assert got(project=session.address(first.root)).name == "First"


def test_an_address_opens_no_unknown_folder(tmp_path: Path):
    Project.create("Mine", draft())
    assert got(project=str(tmp_path)).name == "Mine"


def test_a_page_asks_for_a_file_and_gets_it_once_it_is_there():
    project = Project.create("Mine", draft())
    assert got("reference") is None
    project.change("data.reference", SourceSpec(path="cells.h5ad"))
    assert got("reference").path == "cells.h5ad"


def test_a_page_asks_for_a_run():
    project = Project.create("Mine", draft())
    assert got("run") is None
    run = project.new_run()
    assert got("run") == run and got("results") is None


def test_a_folder_elsewhere_has_an_address_of_its_own(tmp_path: Path):
    inside = workspace().projects / "mine"
    assert session.address(inside) == "mine" and session.address(tmp_path / "mine") != "mine"


def boxed() -> None:
    import streamlit as st

    from pages.ui import session

    st.session_state["looked_at"] = session.run_box()


def test_what_was_noted_during_a_run_stands_beside_its_box():
    project = Project.create("Mine", draft())
    for number, notes in ((1, ()), (2, ("Few genes are shared.", "Few genes are shared.", "One type is rare."))):
        run = project.new_run()
        run.summary_path.write_text(f'{{"seed": {number}}}')
        run.write_status(run.status.changed(state="finished", notes=notes))
    test = AppTest.from_function(boxed, default_timeout=30)
    test.run()
    assert not test.exception and test.session_state["looked_at"].name == "Run 2"
    shown = " ".join(each.value for each in test.get("html"))
    assert shown.count("Few genes are shared.") == 1 and "One type is rare." in shown
    test.selectbox[0].set_value("run-0001").run()
    assert not test.get("html")
