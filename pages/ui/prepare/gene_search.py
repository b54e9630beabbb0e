"""The Features page's pieces: rule and settings, the search and its trace, overlap, markers and the genes chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.figures.features import marker_dots, overlap_bars, search_trace, step_bars
from core.project import Project
from core.specs import RULE_TITLES, FeatureSpec
from core.steps import features_key
from core.tasks import feature_search
from core.tasks.feature_search import Search
from pages.ui import background, cache, forms, session, show, theme
from pages.ui.prepare import sets

FILTERS = ("min_cell_share", "drop_mitochondrial", "drop_ribosomal", "keep_markers")
SEARCHED = ("rule", "target", "first", "step", *FILTERS)
FIELDS: dict[str, tuple[str, ...]] = {
    "all": ("rule", *FILTERS[:-1]),
    "variable": ("rule", "target", *FILTERS),
    "variable_and_markers": ("rule", "target", "markers_per_label", *FILTERS[:-1]),
    "common_variable": SEARCHED,
    "markers_in_variable": SEARCHED,
    "markers_in_query": SEARCHED,
    "gene_sets": ("rule", *FILTERS),
    "specific_markers": ("rule", "markers_per_label", *FILTERS),
    "digital_sorter": ("rule", "target", "markers_per_label", "drop_ribosomal", "keep_markers"),
    "own_list": ("rule", "own_list"),
}
"""Settings that a rule looks at."""
FINER: dict[str, tuple[str, ...]] = {
    "digital_sorter": (
        *("min_count", "min_cells", "bulk_min_count", "bulk_min_samples", "min_cell_share", "mitochondrial_names"),
        *("cluster_filter", "cluster_min_mean", "fold_change"),
    ),
}
"""Further settings of a rule, behind a button."""
SEARCHES = ("common_variable", "markers_in_variable", "markers_in_query")
"""Rules that take more and more until enough are found."""
STEPS, CURVE = "Steps", "Search"
GENE_FILTERS = ("drop_mitochondrial", "drop_ribosomal")
RANKED = ("variable", "variable_and_markers", "common_variable", "markers_in_variable")
"""Rules that rank features by how variable they are; of peaks, how is a setting."""
TRIED = "prepare.searched"
TRACE, DOTS, TABLE = 372, 314, 314
"""Pixels of charts and tables."""
NOTE, REMARK = 70, 28
"""Pixels that a note above the charts takes, and a sentence under one of them."""
SHORT = {rule: title.split(":")[0] for rule, title in RULE_TITLES.items()}


def settings(project: Project) -> FeatureSpec:
    """The rule and its settings; every change is kept at once."""
    draft = project.draft
    key = f"features.{sets.key_of(project)}-{draft.recipe}"
    fields = FIELDS[draft.features.rule]
    peaks = _searches_peaks(project)
    if peaks:
        unknown = ("keep_markers",) if _over_a_bridge(project) else ()  # its cells get their types in the run
        fields = tuple(name for name in fields if name not in (*GENE_FILTERS, *unknown))
        fields += ("peak_score",) if draft.features.rule in RANKED else ()
    if draft.task == "deconvolve" and draft.features.rule != "own_list":
        fields += ("bulk_alone",)
    spec = forms.edit(draft.features, key, fields, words={"rule": RULE_TITLES})
    if finer := FINER.get(draft.features.rule):
        with st.popover("Limits of each step", icon=":material/tune:", width="stretch"):
            spec = forms.edit(spec, key, finer, columns=2, folded=True)
    if spec != draft.features:
        project.change("features", spec)
        st.rerun()
    if peaks:
        used = forms.edit(draft.data.peaks, f"peaks.{sets.key_of(project)}-{draft.recipe}")
        if used != draft.data.peaks:
            project.change("data.peaks", used)
            st.rerun()
    if (
        spec.rule != "own_list"
        and not peaks
        and st.button("Use my own gene list", icon=":material/list_alt:", width="stretch")
    ):
        project.change("features.rule", "own_list")
        st.rerun()
    return spec


def current(project: Project) -> tuple[Search | None, bool]:
    """The search to show and whether it was made with the present settings; the newest older one where it was not."""
    key = features_key(project, project.draft)
    folder = project.stored("features", key)
    if folder is None and not _older(project) and session.kept(TRIED) != key:
        session.keep(TRIED, key)
        search(project)
        folder = project.stored("features", key)
    shown = folder or next(iter(_older(project)), None)
    found = None if shown is None else cache.shared(f"search-{shown}", lambda: feature_search.load(shown))
    return found, folder is not None


def search(project: Project) -> bool:
    """Search in a child process; whether genes were found."""
    with st.spinner(f"Searching for {'peaks' if _searches_peaks(project) else 'genes'}"):
        done = session.attempt(
            lambda: background.call("core.tasks.feature_search:search", project_root=str(project.root))
        )
    return done is not None


def trace(found: Search, less: int = 0) -> None:
    """How the genes were found: how many each step left, or the search up to its target beside those of other rules.

    ``less``: pixels lower than usual.
    """
    kind, steps = found.summary["kind"], found.space.step_table
    curve = not found.traces.empty and bool(found.traces["rule"].isin(SEARCHES).any())
    ways = [way for way, there in ((CURVE, curve), (STEPS, not steps.empty)) if there]
    way = ways[0] if ways else ""
    if found.space.rule not in SEARCHES and len(ways) > 1:
        way = STEPS
    with show.card(f"How the {kind} were found", subtitle=_found_words(found), help=_found_help(kind)) as card:
        if len(ways) > 1:
            shown = card.actions.segmented_control(
                "Show", ways, default=way, required=True, label_visibility="collapsed", key="genes-found"
            )
            way = str(shown)
        if way == STEPS:
            figure = step_bars(steps, theme.current(), kind=kind)
            alt = f"{kind.capitalize()} left after each step"
            show.figure(figure, "gene_steps", table=steps, height=TRACE - less, alt=alt)
        elif way == CURVE:
            _curve(found, less)
        else:
            show.text(f"This rule takes its {kind} at once.", muted=True)


def occurrence(found: Search, less: int = 0) -> None:
    """How many genes occur in which sets; ``less`` pixels lower than usual."""
    names = [role.capitalize() for role in found.summary["sets"]]
    kind = found.summary["kind"]
    help = f"Each bar counts the {kind} that occur in exactly the sets dotted below it. Blue ones are used."
    with show.card(f"Where the {kind} occur", subtitle=f"{found.summary['genes']:,} are used", help=help):
        figure = overlap_bars(found.overlap, names, theme.current(), kind=kind)
        alt = "Genes by the sets that hold them"
        show.figure(figure, "gene_overlap", table=found.overlap, height=TRACE - less, alt=alt)


def markers(found: Search, less: int = 0) -> None:
    """The strongest markers of each type that are among the genes; ``less`` pixels lower than usual."""
    help = "The strongest markers of each type in the reference, as far as they were chosen."
    title, key = f"Marker {found.summary['kind']} that are kept", "Size: share of cells. Colour: mean level."
    with show.card(title, subtitle=key, help=help):
        if found.dots.empty:
            none = (
                "None of the strongest markers was chosen."
                if found.summary["markers"]
                else "The reference has no cell types; those of a bridge are named in the run."
            )
            show.text(none, muted=True)
            return
        figure = marker_dots(found.dots, theme.current())
        show.figure(figure, "markers_kept", table=found.dots, height=DOTS - less, alt="Markers")


def chosen(found: Search, less: int = 0) -> None:
    """The genes with their ranks, and all of them as CSV; ``less`` pixels lower than usual."""
    table, kind = found.space.table, found.summary["kind"]
    with show.card(f"{kind.capitalize()} chosen") as panel:
        panel.actions.download_button(
            f"All {len(table):,} as CSV",
            table.to_csv(index=False),
            f"{kind}.csv",
            "text/csv",
            type="tertiary",
            on_click="ignore",
        )
        columns: dict[str, show.Column | str] = {"gene": show.Column(kind[:-1].capitalize(), "gene")}
        for name, title in (("reference_rank", "Reference rank"), ("query_rank", "Query rank")):
            if bool(table[name].notna().any()):
                columns[name] = title
        rows = table.astype(object).where(table.notna(), None)
        show.table(
            rows, {**columns, "found_by": "Found by"}, key=f"genes-{len(table)}-{found.space.rule}", height=TABLE - less
        )


def given(found: Search, fresh: bool) -> None:
    """What the settings give, as words and numbers; ``fresh`` where they are those of the search."""
    summary = found.summary
    dropped = [f"{count:,} {name}" for name, count in summary["dropped"].items() if count]
    missing = {
        f"Missing in {role}": f"{count:,}, mean stands in" for role, count in summary["missing"].items() if count
    }
    st.divider()
    show.text("What these settings give" if fresh else "What the last search gave", strong=True)
    show.key_values(
        {
            f"{summary['kind'].capitalize()} chosen": f"{summary['genes']:,}",
            "In every set": f"{summary['in_all']:,}",
            "Markers kept": f"{summary['markers_kept']} of {summary['markers']}",
            "Left out": ", ".join(dropped) or "none",
            **missing,
            "Searched in": f"{summary['seconds']:.1f} s",
        }
    )
    with st.container(key="gene-search-note"):
        _judged(summary, fresh)


def _curve(found: Search, less: int) -> None:
    space, remark = found.space, found.summary["remark"]
    figure = search_trace(
        found.traces,
        theme.current(),
        used=space.rule,
        target=space.target,
        titles=SHORT,
        kind=found.summary["kind"],
    )
    height = TRACE - less - (REMARK if remark else 0)
    show.figure(figure, "gene_search", table=found.traces, height=height, alt="Genes found as more are taken")
    if remark:
        show.text(remark, muted=True)


def _found_words(found: Search) -> str:
    """How many were found, and of how many."""
    space = found.space
    if space.rule in SEARCHES and len(space.trace):
        return f"{space.trace['found'].iloc[-1]:,} found after {space.trace['taken'].iloc[-1]:,} taken"
    return f"{len(space.genes):,} of {space.steps[0][1]:,}" if space.steps else ""


def _found_help(kind: str) -> str:
    return (
        f"Search: each round takes more of the most variable or best marking {kind} of each set, until enough are "
        f"shared. Steps: how many {kind} are left once each of these is asked of them, from the top."
    )


def _judged(summary: dict[str, Any], fresh: bool) -> None:
    if not summary["reached"] and summary["rule"] not in ("all", "gene_sets", "own_list"):
        reached = f"{summary['genes']:,} {summary['kind']}"
        show.note(f"The target of {summary['target']:,} was not reached: {reached} meet this rule.", "attention")
    elif fresh:
        words = f"A run searches again with these settings and, on the same files, finds the same {summary['kind']}."
        show.note(f"{words} {summary['several']}".rstrip())


def _searches_peaks(project: Project) -> bool:
    """Whether the features searched are peaks: those of a labelled reference, or of a bridge."""
    described = sets.summary(project, "reference")
    own = described is not None and described["gene_kind"] == "peaks"
    return own or _over_a_bridge(project)


def _over_a_bridge(project: Project) -> bool:
    return project.draft.task == "annotate" and project.draft.data.bridge is not None


def _older(project: Project) -> list[Path]:
    """Folders of earlier searches, the newest first."""
    folders = (project.root / "results" / "features").glob("[!.]*")
    return sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)
