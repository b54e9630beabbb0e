"""The selected cells: how many, of which types, with which marker genes and code units; and their name."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import streamlit as st

from core.embedding.selection import composition, shifted_units
from core.figures.labels import cells_per_type
from core.figures.palette import label_colours
from core.project import Project
from core.results import Results
from core.saved import Saved
from pages.ui import background, cache, session, show, theme
from pages.ui.explore import colouring, finished, selection
from pages.ui.explore.colouring import Colouring
from pages.ui.explore.unit import note_of

MARKERS_SHOWN = 6
UNITS_SHOWN = 3
TYPES_SHOWN = 5
ALL_TYPES_SHOWN = 16
NAME = "selection-name"


def inspector(project: Project, results: Results, saved: Saved, colour: Colouring) -> None:
    """The card beside the pictures."""
    mask = selection.chosen(results)
    with show.card("Selection") as card:
        if mask is None:
            _nothing(results, saved, colour)
            return
        if card.actions.button("Clear", type="tertiary", key="selection-clear"):
            selection.choose(results, None)
            st.rerun()
        share = f"{100 * mask.mean():.1f} % of all"
        st.html(f'<div class="cd-value">{int(mask.sum()):,} cells <span class="cd-muted">{share}</span></div>')
        st.text_input("Name, becomes a column", key=NAME, placeholder="such as cytotoxic", max_chars=40)
        _types(results, colour, mask)
        _markers(project, results, mask)
        _units(project, results, mask)
        st.download_button(
            "Save the cells as CSV",
            lambda: results.obs[mask].rename_axis("cell").to_csv(),
            "selected_cells.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )


def save(results: Results, saved: Saved) -> None:
    """The page's main button: keep the selection under its name."""
    mask = selection.chosen(results)
    icon = ":material/bookmark_add:"
    if not st.button("Save selection", type="primary", icon=icon, disabled=mask is None, key="save-selection"):
        return
    assert mask is not None
    name = st.session_state.get(NAME, "")
    cells, taken = results.obs.index[mask], tuple(map(str, results.obs))
    kept = session.attempt(lambda: saved.keep_selection(name, cells, taken=taken))
    if kept:
        st.toast(f"Saved. {kept} is now a colour, and Export writes it as a column.")
        st.rerun()


def _nothing(results: Results, saved: Saved, colour: Colouring) -> None:
    show.text("Draw round cells with the lasso or the box: the same cells light up in both pictures.")
    groups = colour if not colour.numeric else colouring.column(results, colouring.label_column(results))
    names = [str(name) for name in groups.values.astype("category").cat.categories]
    run = results.run.directory.name
    group = st.selectbox(
        "Or take a whole group", names, index=None, placeholder=groups.title, key=f"take-group-{run}-{groups.title}"
    )
    if group is not None:
        selection.choose(results, (groups.values.astype(str) == group).to_numpy())
        st.rerun()
    if saved.names:
        _saved(results, saved)
    _types(results, colour, np.ones(len(results.obs), dtype=bool))


def _saved(results: Results, saved: Saved) -> None:
    run = results.run.directory.name
    name = st.selectbox("Or a saved selection", saved.names, index=None, key=f"take-saved-{run}")
    if name is not None:
        left, right = st.columns(2, gap=8)
        if left.button("Show", width="stretch", key="saved-show"):
            selection.choose(results, saved.selection(name, results.obs.index))
            st.rerun()
        if right.button("Remove", width="stretch", key="saved-remove"):
            saved.forget_selection(name)
            st.rerun()


def _types(results: Results, colour: Colouring, mask: np.ndarray) -> None:
    groups = colour if not colour.numeric else colouring.column(results, colouring.label_column(results))
    if groups.numeric:
        return
    table = composition(groups.values.astype(str).to_numpy(), mask)
    show.text(f"Composition by {groups.title}", strong=True)
    counts = table.rename(columns={"label": "cell_type"})
    most = ALL_TYPES_SHOWN if mask.all() else TYPES_SHOWN
    if mask.all():
        counts = counts.drop(columns="of")
    shades = label_colours(groups.values.astype("category").cat.categories, groups.colours, theme.current())
    fig = cells_per_type(counts.head(most), theme.current(), colours=shades)
    show.figure(fig, "selection_composition", table=table, alt="Selected cells of each label")
    if len(table) > most:
        show.text(f"and {len(table) - most} more", muted=True)


def _markers(project: Project, results: Results, mask: np.ndarray) -> None:
    run = results.run
    rows = np.flatnonzero(mask)
    key = project.key("markers", run.directory.name, finished.key(run), hashlib.sha256(rows.tobytes()).hexdigest())
    show.text("Markers against the rest", strong=True)
    folder = project.stored("markers", key)
    if folder is None:
        if st.button("Find markers", icon=":material/genetics:", width="stretch", key="find-markers"):
            arguments = {"project": str(project.root), "run": run.directory.name, "cells": rows.tolist(), "key": key}
            with st.spinner("Comparing all genes"):
                done = session.attempt(lambda: background.call("core.tasks.markers:find", **arguments))
            if done is not None:
                st.rerun()
        return
    path = folder / "markers.csv"
    table = cache.table(f"markers/{key}", lambda: pd.read_csv(path, keep_default_na=False))
    columns = {
        "gene": show.Column("Gene", "gene"),
        "log2_fold": show.Column("log2 fold", "number", ".1f"),
        "p_adjusted": show.Column(
            "Adjusted p", "number", ".0e", help="After Benjamini and Hochberg. The cells were chosen by eye: an order."
        ),
    }
    up = table.loc[table["log2_fold"] > 0, :]
    show.table(up.head(MARKERS_SHOWN), columns, key=f"markers-{key[:12]}", empty="No gene is higher here.")
    with st.container(horizontal=True, vertical_alignment="center", gap=8):
        show.text(f"Wilcoxon test on {len(table):,} genes", muted=True)
        st.download_button(
            "CSV", path.read_bytes(), "markers.csv", "text/csv", type="tertiary", on_click="ignore", key="markers-csv"
        )


def _units(project: Project, results: Results, mask: np.ndarray) -> None:
    if mask.sum() < 2 or (~mask).sum() < 2:
        return
    table = shifted_units(results.code.to_numpy(), mask).head(UNITS_SHOWN)
    table["unit"] = table["unit"].str.removeprefix("unit_")
    numbers = table["unit"].astype(int)
    table["name"] = [project.note(note_of(results.run, number - 1)) or "no name yet" for number in numbers]
    show.text("Code units that stand out", strong=True)
    columns = {
        "unit": "Unit",
        "name": show.Column("Name", help="Units are named on the page Codes."),
        "shift": show.Column(
            "Shift", "number", "+.1f", help="Mean inside minus mean outside, in standard deviations over all cells."
        ),
    }
    show.table(table, columns, key=f"shifted-{results.run.directory.name}")
