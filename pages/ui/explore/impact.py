"""The Pathways page's pieces: which cells, the three panels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import AppError
from core.figures.pathways import difference_heatmap, impact_panels
from core.figures.set_names import plain_names
from core.interpretation.impact import min_max
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.tasks import impact_step
from core.tasks.impact_step import Impact
from pages.ui import background, cache, session, show, theme
from pages.ui.explore import finished

ALL = "All cells"
HIDE = "impact-hide"
ROWS = (16, 30, 60)
LONGEST_LABEL = 16
STRONGEST = 24
"""Units that can be told apart side by side; the others are a click away."""
Groups = tuple[str, str]
"""Label of the cells and label of those taken away; empty for all and for none."""


def labels(results: Results) -> list[str]:
    """Cell types of the cells that the run was trained on; empty without labels."""
    run = results.run
    known = run.summary.get("classes")
    if known:
        return [str(name) for name in known]
    reference = run.spec.data.reference
    column = reference.label_column if reference else None
    if not column or column not in results.obs:
        return []
    return sorted({str(name) for name in results.obs[column].dropna()})


def cells_box(names: list[str], key: str) -> Groups:
    """Which cells the impact is measured on: all, one type, or one type minus another."""
    if not names:
        return "", ""
    with st.popover(_cells_title(session.kept(key, ("", ""))), key=f"{key}-popover"):
        first = st.selectbox("Cells", [ALL, *names], key=f"{key}-first")
        minus = st.toggle("Group A minus group B", key=f"{key}-minus", disabled=first == ALL)
        others = [name for name in names if name != first]
        second = st.selectbox("Minus", others, key=f"{key}-second") if minus and first != ALL else ""
    groups = ("" if first == ALL else str(first), str(second or ""))
    if groups != session.kept(key, ("", "")):
        session.keep(key, groups)
        st.rerun()
    return groups


def _cells_title(groups: Groups) -> str:
    first, second = groups
    return "Cells: two groups" if second else f"Cells: {_short(first) or 'all'}"


def compute(project: Project, run: Run, gene_sets: Path, groups: Groups) -> bool:
    """Compute in a child process; false where it was refused, which is said on the page."""
    names = {"first": groups[0], "second": groups[1], "gene_sets": str(gene_sets)}
    names |= {"project_root": str(project.root), "run": run.directory.name}
    with st.spinner("Measuring how each unit responds to the genes of each set"):
        try:
            background.call("core.tasks.impact_step:compute", **names)  # type: ignore[arg-type]  all are texts
        except AppError as problem:
            show.error(problem)
            return False
    return True


def current(project: Project, run: Run, gene_sets: Path, groups: Groups) -> Impact | None:
    """The stored impact; ``None`` where it has not been computed."""
    key = finished.key(run, "impact", str(gene_sets), *groups, impact_step.key(project, run, gene_sets, *groups))
    found = impact_step.stored(project, run, gene_sets, *groups)
    return None if found is None else cache.shared(key, lambda: found)


def panels(found: Impact, groups: Groups, chosen: tuple[str, str] | None, name: str) -> list[str]:
    """Impact, null and control beside each other; returns the units on screen."""
    sets, units = found.impact.shape
    weak = set(found.facts.get("weak_units", ()))
    shown = strongest(found, weak)
    kept = shown if session.kept(HIDE, True) else list(found.impact.columns)
    words = f"{len(kept)} of {units} units"
    title, help = "Impact of each gene set on each code unit", PANELS_HELP
    if groups[1]:
        title, help = f"{groups[0]} minus {groups[1]}", DIFFERENCE_HELP
    else:
        words += ". Dot: beyond chance at 5 %."
    with show.card(title, help=help, subtitle=words, height="content"):
        drawing = st.container(gap=None)
        most, hide = _foot(sets, "" if groups[1] else NO_LABELS if found.control is None else CONTROL)
        if hide != session.kept(HIDE, True):
            session.keep(HIDE, hide)
            st.rerun()
        with drawing:
            _figure(found, groups, found.ordered(kept)[:most], kept, chosen, name)
    return kept


def _foot(sets: int, scale: str) -> tuple[int, bool]:
    """The row beside the colour bar: what the colours share, how many sets are shown, whether units are left out."""
    sizes = [number for number in ROWS if number < sets] + ([sets] if sets <= ROWS[-1] else [])
    with st.container(horizontal=True, vertical_alignment="center", key="impact-foot", gap=16, wrap=False):
        show.text(scale, muted=True)
        most = st.selectbox(
            "Rows",
            sizes,
            format_func=lambda number: f"{number} of {sets:,} sets" if number < sets else f"All {sets} sets",
            label_visibility="collapsed",
            width=140,
            key=f"impact-rows-{sets}",
        )
        hide = st.toggle(f"Only the {STRONGEST} strongest units", value=True, key="impact-hide", help=STRONGEST_HELP)
    return most, hide


def strongest(found: Impact, weak: set[str]) -> list[str]:
    """Units in their own order: those with a finding, then those with the largest impact of any set, none weak."""
    table = pd.DataFrame({"beyond": found.beyond.any(axis=0), "highest": found.impact.abs().max(axis=0)})
    table = table.loc[table["beyond"] | ~table.index.isin(weak)]
    chosen = set(table.sort_values(["beyond", "highest"], ascending=False, kind="stable").index[:STRONGEST])
    return [unit for unit in found.impact.columns if unit in chosen]


PANELS_HELP = (
    "Left: mean saliency of the genes of each set, lowest to highest of the table. Middle: the same for genes "
    "of like expression drawn at random. Right: mean difference of expression between cell types, without a network."
)
DIFFERENCE_HELP = (
    "Mean saliency of the genes of each set in the cells of the first group, minus that in the cells of the second. "
    "Panels of shuffled genes and of expression without a network are shown for one group at a time."
)
STRONGEST_HELP = (
    "Units beyond chance come first, then those with the largest impact of any set. Others below 20 % of the "
    "strongest are weak and left out as well."
)
CONTROL = "The first two panels share one scale; the third has its own, lowest to highest."
NO_LABELS = "No comparison without a network: choose the label column on the Data page."


def _figure(
    found: Impact, groups: Groups, rows: list[str], units: list[str], chosen: tuple[str, str] | None, name: str
) -> None:
    names = plain_names(map(str, found.impact.index))

    def part(table: pd.DataFrame) -> pd.DataFrame:
        return table.loc[rows, units].rename(index=names)

    framed = (names[chosen[0]], chosen[1]) if chosen and chosen[0] in rows and chosen[1] in units else None
    if groups[1]:
        figure = difference_heatmap(part(found.impact), theme.current(), names=groups)
    else:
        control = None
        if found.control is not None:
            short = {label: _short(str(label)) for label in found.control.columns}
            control = min_max(found.control).loc[rows].rename(index=names, columns=short)
        figure = impact_panels(
            part(found.impact),
            part(found.expected),
            control,
            theme.current(),
            beyond=part(found.beyond),
            selected=framed,
        )
    show.figure(figure, name, table=found.impact.reset_index(), alt="Impact of gene sets on code units", key="impact")


def _short(label: str) -> str:
    """A cell type's name that leaves the tiles their room."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 6]}…{label[-5:]}"
