"""Codes: one unit of the code at a time."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.explore import finished, gene_sets, unit, unit_terms

project = session.need("project")
looked = session.run("represent", "annotate", finished=True)
number = int(session.kept(f"unit-{looked.directory.name}", 0)) if looked else 0
named = unit.name_of(project, looked, number) if looked else ""
title = f"Unit {number + 1}" + (f": {named}" if named else "")
header = show.page_header("codes", title=title if looked else "")
results = finished.results(
    project,
    header,
    "represent",
    "annotate",
    title="No code yet",
    text="The code is made by a run that represents or labels cells",
)
run = results.run
number = unit.chosen(results, header)
with header:
    unit.name_box(project, run, number)

top = st.columns([1.03, 1.03, 1.03], gap=12)
with top[0]:
    unit.violins(results, number)
with top[1]:
    unit.picture(results, number)
found = unit.current(project, run, gene_sets.chosen(project, run))
if found is not None:
    with top[2]:
        unit.genes(found, number)
    left, right = st.columns([1.55, 1], gap=12)
    with left:
        unit_terms.links(found, number)
    with right:
        unit_terms.terms(project, results, found, number)
