"""The files that a model is to be used on, and what of them can be compared with measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.cohorts import sample_names
from core.errors import AppError, DataError
from core.model_header import ModelHeader
from core.project import Project
from core.specs import Role, SourceSpec, parse
from core.specs.several import FURTHER, distinctly_named, files
from core.tasks import stored_sets
from core.tasks.model_files import Fit, fit
from core.tasks.truth import measured_cohorts, shared_names
from core.tasks.with_model import BROUGHT
from pages.ui import background, session, show
from pages.ui.models import bring, chosen, fits
from pages.ui.prepare import sets

COMPARE = "models.compare"
SUBTITLE = "A reference is not needed: the model brings what it learned."
TITLES: Mapping[Role, str] = {"query": "Cells to label", "bulk": "Samples to take apart"}
NONE_YET: Mapping[Role, str] = {
    "query": "No cells yet. Add a file here; a query that is brought on the Data page is offered as well.",
    "bulk": "No samples yet. Add a file here; bulk samples that are brought on the Data page are offered as well.",
}


@dataclass(frozen=True)
class Brought:
    """What a model is to be used on.

    Attributes
    ----------
    role
        query or bulk.
    sources
        The files, of bulk samples each with a name of its own.
    sizes
        Cells or samples of each file; empty where one cannot be read.
    fits
        How each file fits the model; empty where a file, or the model, cannot be read.
    truth
        Table of measured proportions to compare with.
    """

    role: Role
    sources: tuple[SourceSpec, ...] = ()
    sizes: tuple[int, ...] = ()
    fits: tuple[Fit, ...] = ()
    truth: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the model can be used on every file."""
        return bool(self.fits) and all(each.shared for each in self.fits)

    @property
    def data(self) -> dict[str, Any]:
        """The same by the fields of a run's data."""
        if self.role not in FURTHER:
            return {self.role: self.sources[0]}
        return {self.role: self.sources[0], FURTHER[self.role]: self.sources[1:], "truth": self.truth}


def role_of(header: ModelHeader | None) -> Role:
    """What the model is used on; cells where it cannot be read."""
    return "bulk" if header is not None and BROUGHT[header.spec.task][0] == "bulk" else "query"


def choose(project: Project, header: ModelHeader | None) -> Brought:
    """The card of the files: which ones, and how they fit the model."""
    role = role_of(header)
    there = chosen.offered(project, role)
    with show.card(TITLES[role], subtitle=SUBTITLE) as panel:
        with panel.actions:
            bring.file_buttons(project, role)
        if not there:
            show.text(NONE_YET[role])
            return Brought(role)
        sources = distinctly_named(_box(project, role, there))
        if header is None or not all(_described(project, role, source) for source in sources):
            return Brought(role, sources)
        found = [fit(project, header, source, role) for source in sources]
        known = [each for each in found if each is not None]
        about = [_summary(project, role, source) for source in sources]
        fits.fits(header, role, [source.called for source in sources], about, known)
        truth = _truth(project, header, role, sources)
    return Brought(role, sources, tuple(each["n_cells"] for each in about), tuple(known), truth)


def _box(project: Project, role: Role, there: list[SourceSpec]) -> list[SourceSpec]:
    """Which of the files that are ``there``: one of cells, one or several of bulk samples."""
    own = [source.path for source in files(project.draft.data, role)]
    by_path = {source.path: source for source in there}
    now = [source.path for source in chosen.chosen(role, there)]
    key = f"models-{role}-{sets.turn()}"

    def name(path: str) -> str:
        return f"{Path(path).name}{f', the {role} of the project' if path in own else ''}"

    def keep() -> None:
        value = st.session_state[key]
        chosen.choose(role, value if role in FURTHER else [value])

    if role in FURTHER:
        st.session_state[key] = now
        words = "Each file is a cohort: its samples are taken apart by the same networks, and named by the file."
        st.multiselect("Files", list(by_path), format_func=name, key=key, on_change=keep, help=words)
        return [by_path[path] for path in now]
    st.session_state[key] = now[0]
    st.selectbox("File", list(by_path), format_func=name, key=key, on_change=keep)
    return [by_path[now[0]]]


def _described(project: Project, role: Role, source: SourceSpec) -> bool:
    """Whether the project knows the genes of ``source``, read now where it does not; a refusal is shown."""
    if stored_sets.stored(project, role, source) is not None:
        return True
    with st.spinner(f"Reading {Path(source.path).name}"):
        try:
            made = background.call(
                "core.tasks.admit:describe",
                project_root=str(project.root),
                role=role,
                source=source.model_dump(mode="json"),
            )
        except AppError as problem:
            show.error(problem)
            return False
    described = parse(SourceSpec, made)
    if described == source:
        return True
    if source.fingerprint:
        show.note(f"{Path(source.path).name} has changed since it was added. Add it again.", "attention")
        return False
    chosen.add(project, role, described)  # a file that was named without being read, as on the command line
    st.rerun()


def _summary(project: Project, role: Role, source: SourceSpec) -> dict[str, Any]:
    folder = stored_sets.stored(project, role, source)
    assert folder is not None
    return stored_sets.summary(folder)


def _truth(project: Project, header: ModelHeader, role: Role, sources: Sequence[SourceSpec]) -> str | None:
    """The project's measured proportions, where they are of these samples and a person wants to compare."""
    path = project.draft.data.truth
    if path is None or role != "bulk" or not chosen.own_only(project, role, sources):
        return None
    own = {source.called: _summary(project, role, source)["samples"] for source in sources}
    try:
        shared = shared_names(measured_cohorts(path, sample_names(own)), header.classes)
    except DataError as problem:
        show.text(f"The project's measured proportions cannot be compared. {problem}", muted=True)
        return None
    key = f"models-compare-{sets.turn()}"
    st.session_state[key] = session.kept(COMPARE, True)
    st.checkbox(
        "Compare with the measured proportions",
        key=key,
        help=f"{Path(path).name} has these samples and {len(shared)} of the model's cell types.",
        on_change=lambda: session.keep(COMPARE, st.session_state[key]),
    )
    return path if st.session_state[key] else None
