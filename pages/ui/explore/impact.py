"""The Pathways page's impact: computed in the background, then drawn beside chance and a plain comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.errors import AppError
from core.figures.pathways import difference_heatmap, impact_panels, overlaid_heatmap
from core.figures.set_names import plain_names
from core.interpretation.impact import by_largest, min_max
from core.project import Project
from core.runs.run import Run
from core.specs import ImpactSpec
from core.tasks import impact_step
from core.tasks.impact_step import Impact
from pages.ui import background, cache, session, show, theme
from pages.ui.explore import finished
from pages.ui.explore.impact_cells import Groups, short

HIDE = "impact-hide"
ONE = "impact-one-type"
ROWS = (16, 30, 60)
STRONGEST = 24
"""Units that can be told apart side by side; the others are a click away."""
TITLES = {
    "code": "Impact of each gene set on each code unit",
    "classes": "Impact of each gene set on each type's logit",
    "proportions": "Impact of each gene set on each type's share",
}
PANELS_HELP = (
    "Left: mean saliency of the genes of each set, lowest to highest of the table. Middle: the same for genes "
    "of like expression drawn at random. Right: mean difference of expression between cell types, without a network."
)
DIFFERENCE_HELP = (
    "Mean saliency of the genes of each set in the cells of the first group, minus that in the cells of the second. "
    "Panels of shuffled genes and of expression without a network are shown for one group at a time."
)
EACH_HELP = (
    "For each gene set and cell type the largest difference of any unit between the cells of the type and all others. "
    "Middle: the same unit for genes of like expression drawn at random. Right: the plain difference of means. Choose "
    "a type to see all units."
)
ON_TOP_HELP = (
    "Colours: impact on all cells. Triangles: group A minus group B; upward where it is more in A, downward where it "
    "is more in B, none where it is below a tenth of the largest."
)
PREVIEW_HELP = "Measure all cells in place of the preview."
CONTROL = "The first two panels share one scale; the third has its own."
NO_LABELS = "No comparison without a network: choose the label column on the Data page."


class Shown(NamedTuple):
    """``found``: what is asked about. ``whole``: the impact on all cells, where a difference lies on top of it."""

    found: Impact
    whole: Impact | None = None


def compute(project: Project, run: Run, gene_sets: Path, groups: Groups, spec: ImpactSpec) -> bool:
    """Compute what is missing in a child process; false where it was refused, which is said on the page."""
    names: dict[str, Any] = {"gene_sets": str(gene_sets), "settings_of": spec.model_dump()}
    names |= {"project_root": str(project.root), "run": run.directory.name}
    with st.spinner("Measuring how each unit responds to the genes of each set"):
        for first, second in groups.needed:
            if impact_step.stored(project, run, gene_sets, first, second, spec) is not None:
                continue
            try:
                background.call("core.tasks.impact_step:compute", first=first, second=second, **names)
            except AppError as problem:
                show.error(problem)
                return False
    return True


def current(project: Project, run: Run, gene_sets: Path, groups: Groups, spec: ImpactSpec) -> Shown | None:
    """The stored impact, on all cells or else the preview; ``None`` where it has not been computed."""
    for asked in (spec, spec.preview):
        parts = [_stored(project, run, gene_sets, pair, asked) for pair in groups.needed]
        if all(part is not None for part in parts):
            return Shown(*parts)  # type: ignore[arg-type]  none is missing
    return None


def _stored(project: Project, run: Run, gene_sets: Path, pair: tuple[str, str], spec: ImpactSpec) -> Impact | None:
    key = impact_step.key(project, run, gene_sets, *pair, spec)
    found = impact_step.stored(project, run, gene_sets, *pair, spec)
    return None if found is None else cache.shared(finished.key(run, "impact", str(gene_sets), key), lambda: found)


def one_type(run: Run, together: Impact) -> str:
    """The type whose units are looked at, where each type is compared with the rest; empty for all types together."""
    kept = str(session.kept(f"{ONE}-{run.directory.name}", ""))
    return kept if kept in together.impact else ""


def panels(
    run: Run,
    shown: Shown,
    groups: Groups,
    spec: ImpactSpec,
    chosen: tuple[str, str] | None,
    name: str,
    together: Impact | None,
) -> tuple[list[str], bool]:
    """Impact, null and control beside each other; returns the columns on screen, and whether all cells are asked for.

    Parameters
    ----------
    run
        Where the result comes from.
    shown, groups, spec
        What is drawn, of which cells, measured how.
    chosen
        Gene set and column that are framed.
    name
        Of the files to download.
    together
        Every type minus the rest, where ``shown`` is that or one of them.
    """
    found = shown.found
    sets, columns = found.impact.shape
    weak = set(found.weak(spec.weak_below))
    kept = strongest(found, weak) if session.kept(HIDE, True) else [str(unit) for unit in found.impact.columns]
    title, help = _heading(found, groups)
    subtitle = _said(found, kept, weak) + ("" if groups.on_top else " Dot: beyond chance at 5 %.")
    with show.card(title, help=help, subtitle=subtitle, height="content", key="impact-panels") as card:
        with card.actions:
            every = found.preview and st.button(
                "All cells", icon=":material/select_all:", key="impact-all-cells", help=PREVIEW_HELP
            )
            if together is not None:
                _type_box(run, together)
        drawing = st.container(gap=None)
        most, hide = _foot(sets, columns, _scale(shown, groups), spec)
        if hide != session.kept(HIDE, True):
            session.keep(HIDE, hide)
            st.rerun()
        with drawing:
            rows = found.ordered(kept)[:most]
            table, alt = found.impact.reset_index(), "Impact of gene sets on code units"
            show.figure(_figure(shown, groups, rows, kept, chosen), name, table=table, alt=alt, key="impact")
    return kept, bool(every)


def _type_box(run: Run, together: Impact) -> None:
    now, kept = one_type(run, together), f"{ONE}-{run.directory.name}"
    names = ["", *(str(name) for name in together.impact.columns)]
    kind = st.selectbox(
        "Type",
        names,
        index=names.index(now),
        format_func=lambda name: name or "All types together",
        label_visibility="collapsed",
        width=168,
        key=kept,
    )
    if kind != now:
        session.keep(kept, kind)
        st.rerun()


def strongest(found: Impact, weak: set[str]) -> list[str]:
    """Units in their own order: those with a finding, then those with the largest impact of any set, none weak."""
    table = pd.DataFrame({"beyond": found.beyond.any(axis=0), "highest": found.impact.abs().max(axis=0)})
    table = table.loc[table["beyond"] | ~table.index.isin(weak)]
    chosen = set(table.sort_values(["beyond", "highest"], ascending=False, kind="stable").index[:STRONGEST])
    return [unit for unit in found.impact.columns if unit in chosen]


def _heading(found: Impact, groups: Groups) -> tuple[str, str]:
    first, second = groups.named
    if groups.on_top:
        return f"All cells, with {first} minus {second} on top", ON_TOP_HELP
    if groups.each:
        return "Each type minus the rest, at its largest unit", EACH_HELP
    if groups.second:
        return f"{first} minus {second}", DIFFERENCE_HELP
    return TITLES[found.facts.get("target", "code")], PANELS_HELP


def _said(found: Impact, kept: list[str], weak: set[str]) -> str:
    """How many columns are shown, and how many are left out because they are weak."""
    what = "units" if _are_units(found) else "types"
    left = len(weak - set(kept))
    words = f"{len(kept)} of {found.impact.shape[1]} {what}" + (f", {left} weak ones left out" if left else "")
    return f"{words}."


def _foot(sets: int, columns: int, scale: str, spec: ImpactSpec) -> tuple[int, bool]:
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
        many = columns > STRONGEST
        help = (
            f"{'Units' if many else 'Those'} beyond chance come first, then those with the largest impact of any set. "
            f"Others below {100 * spec.weak_below:.0f} % of the strongest are weak and left out as well."
        )
        label = f"Only the {STRONGEST} strongest units" if many else "Leave out weak ones"
        hide = st.toggle(label, value=True, key="impact-hide", help=help)
    return most, hide


def _scale(shown: Shown, groups: Groups) -> str:
    if groups.on_top:
        first, second = groups.named
        return f"▲ more in {first} ▽ more in {second}"
    if groups.second and not groups.each:
        return ""
    return NO_LABELS if shown.found.control is None else CONTROL


def _are_units(found: Impact) -> bool:
    return found.units is None and found.facts.get("target", "code") == "code"


def _figure(
    shown: Shown, groups: Groups, rows: list[str], units: list[str], chosen: tuple[str, str] | None
) -> go.Figure:
    found = shown.found
    names = plain_names(map(str, found.impact.index))
    columns = {} if _are_units(found) else {unit: short(str(unit)) for unit in units}

    def part(table: pd.DataFrame) -> pd.DataFrame:
        return table.loc[rows, units].rename(index=names, columns=columns)

    more = {"x_title": "Code unit" if _are_units(found) else ""}
    if shown.whole is not None:
        zero = shown.whole.around_zero
        tables = part(shown.whole.impact), part(found.impact)
        return overlaid_heatmap(*tables, theme.current(), names=groups.named, around_zero=zero, **more)
    if groups.second and not groups.each:
        beyond = part(found.beyond)
        return difference_heatmap(part(found.impact), theme.current(), names=groups.named, beyond=beyond, **more)
    control = found.control
    if control is not None:
        named = {label: short(str(label)) for label in control.columns}
        scaled = by_largest(control) if found.around_zero else min_max(control)
        control = scaled.loc[rows].rename(index=names, columns=named)
    framed = chosen if chosen and chosen[0] in rows and chosen[1] in units else None
    return impact_panels(
        part(found.impact),
        part(found.expected),
        control,
        theme.current(),
        beyond=part(found.beyond),
        selected=(names[framed[0]], columns.get(framed[1], framed[1])) if framed else None,
        around_zero=found.around_zero,
        **more,
    )
