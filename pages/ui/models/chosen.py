"""What the Models page has been asked so far: the model, the files, and the settings that the model leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from core.project import Project
from core.runs.run import Run
from core.specs import SETTABLE, Role, SourceSpec, Spec, Task, parse
from core.specs.several import files
from core.tasks.model_files import model_of
from pages.ui import session

S = TypeVar("S", bound=Spec)

MODEL, SETTINGS = "models.model", "models.settings"
ADDED: Mapping[Role, str] = {"query": "models.queries", "bulk": "models.bulks"}
"""Notes of the project: files added here, by their role."""
CHOSEN: Mapping[Role, str] = {"query": "models.query", "bulk": "models.bulk"}
"""What a tab keeps: paths of the files that are chosen, by their role."""
OTHERS: Mapping[str, tuple[str, str]] = {
    "annotate": ("Label other cells", "Label other cells with this model, without training and without a reference."),
    "deconvolve": (
        "Other samples",
        "Take other samples apart with this model: nothing is trained, no reference needed.",
    ),
}
"""The button that leads to the Models page, and its help, by what the model does."""


def choose_model(key: str) -> None:
    """Look at this model from now on, in this tab."""
    session.keep(MODEL, key)


def model() -> str:
    """The word of the model chosen last; empty where none was."""
    return session.kept(MODEL, "")


def offer(project: Project, run: Run) -> None:
    """A button that leads from results to the Models page, with the model that gave them."""
    found = model_of(project, run)
    label, words = OTHERS[run.spec.task]
    if found is not None and st.button(label, icon=":material/new_label:", key="label-others", help=words):
        choose_model(found.key)
        session.go("models")


def offered(project: Project, role: Role) -> list[SourceSpec]:
    """Files that a model can be used on: the project's own of ``role``, then those added here, the newest first.

    Where one of the project's own was added here with another content, that stands in its place.
    """
    added = {
        source.path: source for source in (parse(SourceSpec, values) for values in project.note(ADDED[role]) or [])
    }
    own = []
    for source in files(project.draft.data, role):
        again = added.pop(source.path, source)
        own.append(source if again.fingerprint == source.fingerprint else again)
    return [*own, *added.values()]


def add(project: Project, role: Role, source: SourceSpec) -> None:
    """Offer a file in this project from now on, and choose it."""
    others = [values for values in project.note(ADDED[role]) or [] if values["path"] != source.path]
    project.note(ADDED[role], [source.model_dump(mode="json"), *others])
    choose(role, [source.path])


def choose(role: Role, paths: Sequence[str]) -> None:
    """Use the model on these files from now on, in this tab."""
    session.keep(CHOSEN[role], tuple(paths))


def chosen(role: Role, there: Sequence[SourceSpec]) -> list[SourceSpec]:
    """The files chosen last, in the order of ``there``; else the first one offered."""
    kept = session.kept(CHOSEN[role], ())
    return [source for source in there if source.path in kept] or list(there[:1])


def own_only(project: Project, role: Role, sources: Sequence[SourceSpec]) -> bool:
    """Whether all of ``sources`` are the project's own files, with the content that it knows."""
    own = {source.path: source.fingerprint for source in files(project.draft.data, role)}
    return all(own.get(source.path) in ("", source.fingerprint) for source in sources)


def analysis(project: Project, key: str, own: S) -> S:
    """The model's own analysis with what was set for it in this project."""
    kept = (project.note(SETTINGS) or {}).get(key, {})
    return parse(type(own), {**own.model_dump(), **kept})


def keep_analysis(project: Project, key: str, task: Task, made: Spec) -> None:
    """Keep the settings for a model in the project: those that it leaves open."""
    kept = project.note(SETTINGS) or {}
    left_open = {path.removeprefix("analysis.") for path in SETTABLE[task]}
    project.note(SETTINGS, {**kept, key: made.model_dump(mode="json", include=left_open)})
