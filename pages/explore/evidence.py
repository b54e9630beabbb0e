"""Evidence: what speaks for the labels of the query, and what against."""

from __future__ import annotations

from core.saved import Saved
from core.tasks.evidence import why_not
from pages.ui import session, show
from pages.ui.explore import (
    evidence,
    evidence_both,
    evidence_calls,
    evidence_cells,
    evidence_genes,
    evidence_markers,
    finished,
)

DRAWN = {
    evidence.MARKERS: evidence_markers.view,
    evidence.CALLS: evidence_calls.view,
    evidence.GENES: evidence_genes.view,
    evidence.CELLS: evidence_cells.view,
    evidence.BOTH: evidence_both.view,
}

project = session.need("project")
header = show.page_header("evidence")
with header:
    view = evidence.view_box()
results = finished.results(
    project,
    header,
    "annotate",
    title="No labels yet",
    text="Evidence is gathered for the labels of a run that learns a labelled reference and names the cells of a query",
)
desk = evidence.Desk(project, results, Saved.of(project, results.run))
why = why_not(results.run, evidence.NEEDED.get(view, ""))
with header:
    evidence.settings_box(desk)
    evidence.compute_button(desk, view, refused=bool(why))
if why and view in evidence.NEEDED:
    show.empty(
        "This run has no such evidence",
        f"{why} Look at **{evidence.CALLS}**, or choose the run that trained the model",
        icon="rule",
    )
else:
    DRAWN[view](desk)
