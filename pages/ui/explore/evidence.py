"""What all views of the Evidence page share: the run, its stored parts, their settings, the button that computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.annotation.refusal import cut_at
from core.figures.heatmaps import ROW
from core.project import Project
from core.results import Results
from core.saved import Saved
from core.specs import AnnotateSpec, EvidenceSpec, Spec
from core.tasks import evidence
from core.tasks import evidence_words as words
from core.tasks.evidence import TITLES, Evidence, Part
from pages.ui import background, cache, forms, session, show
from pages.ui.explore import finished
from pages.ui.explore.labels import Choice
from pages.ui.network import write

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MARKERS, CALLS, GENES, CELLS, BOTH = "Markers", "Calls", "Genes", "Cells", "Both files"
VIEWS = (MARKERS, CALLS, GENES, CELLS, BOTH)
NEEDED: Mapping[str, Part] = {MARKERS: "markers", GENES: "genes", BOTH: "both"}
"""The part that a view cannot do without."""
VIEW = "evidence-view"
LEAST_ROW = 14
"""Pixels of the lowest row whose name can still be read."""
AROUND_DOTS = 104
"""Pixels of title, axis and legend round rows of dots."""
BUTTONS: Mapping[str, str] = {
    MARKERS: "Compare markers",
    CALLS: "Find clusters",
    GENES: "Follow the genes",
    CELLS: "",
    BOTH: "Draw both files",
}
HELPED: Mapping[str, str] = {
    MARKERS: "to find the marker genes of every type and of every group of query cells; it takes a few seconds",
    GENES: "to follow every gene to every type's logit through all networks; it takes up to a minute",
    BOTH: "to draw reference and query in one picture, by the network's code and by genes alone; it takes some seconds",
}


@dataclass(frozen=True)
class Desk:
    """What a view looks at."""

    project: Project
    results: Results
    saved: Saved

    @property
    def folder(self) -> str:
        return str(self.results.run.directory)

    @property
    def name(self) -> str:
        return self.results.run.directory.name

    @property
    def labels(self) -> str:
        """The labels as they were kept; empty where the run's own stand."""
        return str(self.saved.labels_path) if self.saved.rate is not None else ""

    @cached_property
    def spec(self) -> EvidenceSpec:
        """The draft's settings where it labels cells, else the run's own."""
        draft = self.project.draft.analysis
        return draft.evidence if isinstance(draft, AnnotateSpec) else evidence.settings(self.results.run.spec)

    @cached_property
    def choice(self) -> Choice:
        """The labels at the cut-off that was kept, else at the run's own."""
        rate = self.saved.rate
        if rate is None:
            rate = float(self.results.run.summary["false_reject_rate"])
        return Choice(self.results, cut_at(self.results.table("coverage"), rate))

    def part(self, name: Part) -> Evidence | None:
        """A part as it is stored; ``None`` where it is missing or was made with other settings."""
        run = self.results.run
        found = evidence.key(run, name, self.spec, self.labels)
        return cache.shared(
            finished.key(run, "evidence", found, _written(self, name)),
            lambda: evidence.stored(run, name, self.spec, self.labels),
        )


def view_box() -> str:
    """Which view is shown."""
    st.session_state.setdefault(VIEW, session.kept(VIEW, MARKERS))
    view = st.segmented_control("View", VIEWS, required=True, label_visibility="collapsed", key=VIEW)
    session.keep(VIEW, view)
    return str(view)


def settings_box(desk: Desk) -> None:
    """The settings of the evidence, kept in the project's draft."""
    draft = desk.project.draft
    with st.popover("", icon=":material/tune:", key="evidence-settings", help="Settings of the evidence"):
        if isinstance(draft.analysis, AnnotateSpec):
            spec: Spec = draft.analysis.evidence
            made = forms.edit(spec, f"analysis.evidence.{draft.recipe}", columns=2, folded=True)
            write.settings(desk.project, "analysis.evidence", spec, made)
        else:
            show.text("These are the run's own settings. They can be changed once the project's recipe labels cells.")
            show.key_values(
                {field.title or name: str(getattr(desk.spec, name)) for name, field in _fields(desk.spec).items()}
            )


def compute_button(desk: Desk, view: str, *, refused: bool) -> None:
    """The page's main button: compute what the view needs; off where it is there already."""
    part: Part | None = "markers" if view == CALLS else NEEDED.get(view)
    if part is None:
        return
    there = not refused and desk.part(part) is not None
    asked = st.button(
        "Up to date" if there else BUTTONS[view],
        type="primary",
        icon=":material/check:" if there else ":material/play_arrow:",
        disabled=refused or there,
        key="evidence-compute",
    )
    if asked and compute(desk, part):
        st.rerun()


def compute(desk: Desk, part: Part) -> bool:
    """Compute a part in a child process; false where it was refused, which is said on the page."""
    arguments = {"run": desk.folder, "part": part, "settings": desk.spec.model_dump(), "labels": desk.labels}
    with st.spinner(TITLES[part]):
        done = session.attempt(lambda: background.call("core.tasks.evidence:compute", **arguments))
    return done is not None


def missing(view: str) -> None:
    """What stands where a view's part has not been computed."""
    show.empty("Not computed with these settings", f"Press **{BUTTONS[view]}** {HELPED[view]}", icon="rule")


def fitted(figure: Figure, most: int, rows: int) -> int:
    """Pixels of a chart of ``rows`` rows: its own height, or ``most`` while its rows can still be read."""
    layout: Any = figure.layout
    around = layout.height - ROW * rows
    return min(layout.height, max(most, around + LEAST_ROW * rows))


def dots_height(most: int, rows: int) -> int:
    """Pixels of a chart of dots: ``most``, or more where ``rows`` names could not be read in that."""
    return max(most, AROUND_DOTS + LEAST_ROW * rows)


def stand_in(found: Evidence) -> None:
    """What stands in for a reference that is not at hand; nothing where it is."""
    said = words.reference_words(found.facts)
    if said:
        show.text(said, muted=True)


def reading(text: str) -> None:
    """The sentence under a chart that says what it shows."""
    show.text(text)


def _fields(spec: EvidenceSpec) -> Mapping:
    return type(spec).model_fields


def _written(desk: Desk, name: Part) -> int:
    path = desk.results.run.directory / evidence.FOLDER / name / evidence.FACTS
    return path.stat().st_mtime_ns if path.exists() else 0
