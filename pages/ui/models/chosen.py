"""What the Models page has been asked so far: the model, the cells, and the settings that the model leaves open."""

from __future__ import annotations

import streamlit as st

from core.project import Project
from core.runs.run import Run
from core.specs import AnnotateSpec, SourceSpec, parse
from core.tasks.model_files import model_of
from pages.ui import session

MODEL, QUERY = "models.model", "models.query"
QUERIES, SETTINGS = "models.queries", "models.settings"
KEPT_FIELDS = ("voting", "embedding")
"""Fields of the analysis that are kept for each model: those that it leaves open."""


def choose_model(key: str) -> None:
    """Look at this model from now on, in this tab."""
    session.keep(MODEL, key)


def model() -> str:
    """The word of the model chosen last; empty where none was."""
    return session.kept(MODEL, "")


def offer(project: Project, run: Run) -> None:
    """A button that leads from labels to the Models page, with the model that gave them."""
    found = model_of(project, run)
    words = "Label other cells with this model, without training and without a reference."
    if found is not None and st.button(
        "Label other cells", icon=":material/new_label:", key="label-others", help=words
    ):
        choose_model(found.key)
        session.go("models")


def queries(project: Project) -> list[SourceSpec]:
    """Cells that can be labelled: the project's query, then files added for a model, the newest first.

    Where the project's query was added here with another content, that stands in its place.
    """
    own = project.draft.data.query
    added = {source.path: source for source in (parse(SourceSpec, values) for values in project.note(QUERIES) or [])}
    if own is None:
        return list(added.values())
    again = added.pop(own.path, own)
    return [own if again.fingerprint == own.fingerprint else again, *added.values()]


def add_query(project: Project, source: SourceSpec) -> None:
    """Offer a file in this project from now on, and choose it."""
    others = [values for values in project.note(QUERIES) or [] if values["path"] != source.path]
    project.note(QUERIES, [source.model_dump(mode="json"), *others])
    choose_query(source)


def choose_query(source: SourceSpec) -> None:
    """Label this file from now on, in this tab."""
    session.keep(QUERY, source.path)


def query(offered: list[SourceSpec]) -> SourceSpec | None:
    """The file chosen last, else the first one offered."""
    kept = session.kept(QUERY)
    return next((source for source in offered if source.path == kept), offered[0] if offered else None)


def analysis(project: Project, key: str, own: AnnotateSpec) -> AnnotateSpec:
    """The model's own analysis with what was set for it in this project."""
    kept = (project.note(SETTINGS) or {}).get(key, {})
    return parse(AnnotateSpec, {**own.model_dump(), **kept})


def keep_analysis(project: Project, key: str, made: AnnotateSpec) -> None:
    """Keep the settings for a model in the project."""
    kept = project.note(SETTINGS) or {}
    project.note(SETTINGS, {**kept, key: made.model_dump(mode="json", include=set(KEPT_FIELDS))})
