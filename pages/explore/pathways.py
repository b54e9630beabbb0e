"""Pathways: which gene sets drive which code units, next to chance and to a comparison without a network."""

from __future__ import annotations

from pages.ui import session, show
from pages.ui.explore import finished, impact_view

project = session.need("project")
header = show.page_header("pathways")
results = finished.results(
    project,
    header,
    "represent",
    "annotate",
    "deconvolve",
    title="Nothing is trained yet",
    text="Impact is measured on the network of a run that represents or labels cells, or takes bulk samples apart",
)
impact_view.view(project, results, header)
