"""The table of common cell types: one name for the labels of several references that mean the same."""

from __future__ import annotations

import streamlit as st

from core.errors import AppError, DataError
from core.project import Project
from core.specs import content_key
from core.tasks import common_types
from pages.ui import session, show
from pages.ui.prepare import sets

HEIGHT, ROW_HEIGHT = 420, 30
HELP = (
    "Labels with one common name are one cell type. A label with an empty name is left out with its cells. Names that "
    "differ in case, signs or a plural alone are proposed as one. The table is kept in the project, as a CSV with the "
    "columns reference, label and cell_type."
)


def button(project: Project) -> None:
    """A small button that opens the table."""
    if st.button("Common types", icon=":material/table:", key=f"common-types-{sets.turn()}"):
        _dialog(project)


@st.dialog("Common cell types", width="large")
def _dialog(project: Project) -> None:
    show.text(HELP, muted=True)
    try:
        rows = common_types.table(project)
    except DataError as problem:
        show.error(problem)
        if st.button("Propose names anew", key="common-types-anew"):
            _forget(project)
        return
    # the key carries the content: an edit belongs to the rows that it was made in
    edited = st.data_editor(
        rows,
        key=f"common-types-{content_key(str(project.root), rows.to_dict('list'))}",
        hide_index=True,
        height=min(HEIGHT, ROW_HEIGHT * (len(rows) + 1) + 4),
        row_height=ROW_HEIGHT,
        disabled=["reference", "label", common_types.CELLS],
        column_config={
            "reference": st.column_config.TextColumn("Reference"),
            "label": st.column_config.TextColumn("Label"),
            common_types.CELLS: st.column_config.NumberColumn("Cells", format="localized"),
            "cell_type": st.column_config.TextColumn("Common name"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center", gap=8):
        if st.button("Use these names", type="primary", icon=":material/check:", key="common-types-use"):
            try:
                common_types.keep(project, edited)
            except AppError as problem:
                show.error(problem)
            else:
                st.toast("The common names are part of the project")
                sets.redraw()
        if project.draft.data.types and st.button("Labels as they are", key="common-types-forget"):
            _forget(project)


def _forget(project: Project) -> None:
    session.attempt(lambda: project.change("data.types", None))
    sets.redraw()
