"""What all views of the Composition page share: the project, the run that is looked at, and which view is shown."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.project import Project
from core.results import Results
from pages.ui import session

SAMPLES, GROUPS, ERRORS, GENES, MIXTURES = "Samples", "Groups", "Errors", "Genes", "Mixtures"
VIEWS = (SAMPLES, GROUPS, ERRORS, GENES, MIXTURES)
VIEW = "composition-view"


@dataclass(frozen=True)
class Desk:
    """What a view looks at."""

    project: Project
    results: Results

    @property
    def name(self) -> str:
        """Name of the run's folder, for keys of widgets."""
        return self.results.run.directory.name


def view_box() -> str:
    """Which view is shown."""
    st.session_state.setdefault(VIEW, session.kept(VIEW, SAMPLES))
    view = st.segmented_control("View", VIEWS, required=True, label_visibility="collapsed", key=VIEW)
    session.keep(VIEW, view)
    return str(view)
