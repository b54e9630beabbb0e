"""Codes: one unit of the code at a time, all of them side by side, and checks of the code."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.explore import code_checks, codes_desk, finished, gene_sets, unit, unit_terms, units_all

project = session.need("project")
looked = session.run("represent", "annotate", finished=True)
number = int(session.kept(codes_desk.unit_key(looked), 0)) if looked else 0
single = looked is not None and codes_desk.view_now() == codes_desk.UNIT
named = unit.name_of(project, looked, number) if looked else ""
title = f"Unit {number + 1}" + (f": {named}" if named else "")
header = show.page_header("codes", title=title if single else "", sentence=codes_desk.SENTENCES[codes_desk.view_now()])
with header:
    view = codes_desk.view_box()
results = finished.results(
    project,
    header,
    "represent",
    "annotate",
    title="No code yet",
    text="The code is made by a run that represents or labels cells",
)
desk = codes_desk.desk(project, results, gene_sets.chosen(project, results.run))
if view == codes_desk.CHECKS:
    code_checks.view(desk, header)
    st.stop()
if view == codes_desk.ALL:
    units_all.view(desk)
    st.stop()

number = unit.chosen(results, header)
with header:
    unit.name_box(project, desk.run, number)
top = st.columns([1.03, 1.03, 1.03], gap=12)
with top[0]:
    unit.violins(results, number)
with top[1]:
    unit.picture(results, number)
found = unit.current(desk)
if found is not None:
    with top[2]:
        unit.genes(desk, found, number)
    left, right = st.columns([1.35, 1], gap=12)
    with left:
        unit_terms.links(desk, found, number)
    with right:
        unit_terms.terms(desk, found, number)
    unit.stability(desk, number)
