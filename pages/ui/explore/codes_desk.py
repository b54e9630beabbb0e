"""What all views of the Codes page share: the run looked at, the settings of its units, and which view is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from core.errors import SpecError
from core.project import Project
from core.results import Results
from core.specs import CheckSpec, Spec, UnitSpec, parse
from core.tasks import checks, unit_step
from pages.ui import fields, forms, session, widgets
from pages.ui.network import write

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.runs.run import Run

S = TypeVar("S", bound=Spec)
UNIT, ALL, CHECKS = "Unit", "All units", "Checks"
ALL_CELLS = "All cells"
VIEWS = (UNIT, ALL, CHECKS)
VIEW, GO = "codes-view", "codes-go"
SENTENCES = {
    UNIT: "Where one number of the code is high, and why.",
    ALL: "Every number of the code, and the terms that they share.",
    CHECKS: "What the code as a whole is worth.",
}
MOVED = ("amount", "direction", "top_genes")
WORDS = {"benjamini_hochberg": "Benjamini and Hochberg", "bonferroni": "Bonferroni"}


@dataclass(frozen=True)
class Desk:
    """What a view looks at."""

    project: Project
    results: Results
    sets: Path | None
    units: UnitSpec
    checks: CheckSpec

    @property
    def run(self) -> Run:
        return self.results.run

    @property
    def name(self) -> str:
        """Name of the run's folder, for keys of widgets."""
        return self.run.directory.name

    @property
    def count(self) -> int:
        """Number of code units."""
        return self.results.code.shape[1]


def view_now() -> str:
    """Which view is shown, before its box is drawn."""
    asked = session.kept(GO)
    if asked:
        session.keep(GO, None)
        st.session_state[VIEW] = asked
    return str(st.session_state.setdefault(VIEW, session.kept(VIEW, UNIT)))


def view_box() -> str:
    """Which view is shown."""
    view = st.segmented_control("View", VIEWS, required=True, label_visibility="collapsed", key=VIEW)
    session.keep(VIEW, view)
    return str(view)


def look_at(run: Run, unit: int) -> None:
    """Go to the view of one unit, numbered from 0."""
    session.keep(unit_key(run), unit)
    session.keep(GO, UNIT)
    st.rerun()


def unit_key(run: Run) -> str:
    """Where the number of the unit looked at is kept."""
    return f"unit-{run.directory.name}"


def desk(project: Project, results: Results, sets: Path | None) -> Desk:
    """The draft's settings where it has units, else those kept in the project, else the run's own."""
    units = _settings(project, "units", unit_step.settings(results.run.spec))
    own = _settings(project, "checks", checks.settings(results.run.spec))
    if units.baseline and units.baseline not in labels(results):
        units = units.model_copy(update={"baseline": None})
    return Desk(project, results, sets, units, own)


def keep(project: Project, name: str, old: S, new: S) -> None:
    """Keep changed settings of ``analysis.NAME`` and draw the page again: in the draft, or beside one without them."""
    if hasattr(project.draft.analysis, name):
        write.settings(project, f"analysis.{name}", old, new)
    elif new != old:
        project.note(f"analysis.{name}", new.model_dump(mode="json"))
        st.rerun()


def _settings(project: Project, name: str, own: S) -> S:
    found = getattr(project.draft.analysis, name, None)
    if isinstance(found, type(own)):
        return found
    try:
        return parse(type(own), project.note(f"analysis.{name}") or own)
    except SpecError:
        return own


def labels(results: Results) -> list[str]:
    """Names of the cell types, in alphabetical order; none without labels."""
    column = results.label_column
    return sorted(set(results.obs[column].astype(str))) if column else []


def unit_settings(at: Desk, slot: DeltaGenerator) -> None:
    """The settings of the perturbation behind a button; a change is kept in the draft and the page drawn again."""
    with slot, st.popover("", icon=":material/tune:", key="unit-settings", help="How units are moved"):
        key = f"analysis.units.{at.project.draft.recipe}"
        made = forms.edit(at.units, key, MOVED, folded=True)
        names, known = labels(at.results), fields.settings(UnitSpec)["baseline"]
        if names:
            box = f"{key}.baseline"
            widgets.resend(box)
            widgets.seed(box, at.units.baseline or ALL_CELLS, at.units.baseline)
            chosen = st.selectbox(known.title, [ALL_CELLS, *names], key=box, help=known.help)
            made = made.model_copy(update={"baseline": None if chosen == ALL_CELLS else chosen})
    keep(at.project, "units", at.units, made)


def term_settings(at: Desk, slot: DeltaGenerator) -> None:
    """The settings of the tests behind a button."""
    with slot, st.popover("", icon=":material/rule_settings:", key="term-settings", help="How terms are tested"):
        key = f"analysis.units.terms.{at.project.draft.recipe}"
        asked = ("min_genes", "correction", "permutations", "seed")
        made = forms.edit(at.units, key, asked, words={"correction": WORDS}, folded=True)
    keep(at.project, "units", at.units, made)
