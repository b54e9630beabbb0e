"""The mixtures that a network learns from: their design before a run, and simulated cells after one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.composition.preview import FACTOR, FROM, SHARE, TO, TYPE, Preview, lines_of, preview, type_table
from core.errors import AppError
from core.figures.designs import Shown, design_shares
from core.figures.simulated import component_overlap, mean_variance, zero_shares
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.specs import DeconvolveSpec, RunSpec, content_key
from pages.ui import forms, session, show, theme
from pages.ui.network import write
from pages.ui.prepare import sets

PLOTS: dict[str, Shown] = {"Violins": "violin", "Boxes": "box", "Lines": "lines", "Types": "types"}
HEIGHT = 290
ROW, MOST_ROWS = 29, 10
DESIGN = ("design", "mixtures", "cells_low", "cells_high", "sparsity", "train_on", "pseudobulk", "fresh")
SHARES = ("answer", "mrna", "unknown", "gene_factor_sd", "jitter_sd", "gene_drop")
SIMULATED = ("simulate_to", "count_model", "cell_covariates")
WORDS = {
    "design": {"digital_sorter": "digitalDLSorteR, six sets", "dirichlet": "Dirichlet", "scaden": "Scaden, two halves"},
    "pseudobulk": {"add_raw_count": "Sum of counts", "add_cpm": "Sum of log2 CPM", "mean_cpm": "Mean of log2 CPM"},
}
CHARTS = ("Mean and variance", "Zeros", "Components")
HELP = (
    "Each sample that a network learns from is the sum of reference cells in proportions that are drawn by a design. "
    "What it never sees mixed, it cannot tell apart."
)


@dataclass(frozen=True)
class Plan:
    """What the view looks at: settings, where they may be written, and the cells of each type."""

    project: Project
    spec: RunSpec
    settings: DeconvolveSpec
    cells: dict[str, int]
    editable: bool


def view(project: Project, run: Run | None) -> None:
    """Draw the view; it needs a reference with labels, and no run."""
    plan = _plan(project, run)
    if plan is None:
        return
    planned = session.attempt(lambda: preview(plan.cells, plan.settings, plan.spec.seed))
    left, right = st.columns([668, 504], gap=12)
    if planned is not None:
        with left:
            _proportions(plan, planned)
    with right:
        _types(plan)
    left, right = st.columns([668, 504], gap=12)
    with left:
        _simulated(plan, run)
    with right:
        _settings(plan)


def _plan(project: Project, run: Run | None) -> Plan | None:
    draft = project.draft
    if draft.data.reference is not None and sets.summary(project, "reference") is None:
        sets.checked(project)  # files that were named without being read, as on the command line
    summary = sets.summary(project, "reference")
    counts = (summary or {}).get("label_counts") or {}
    if not counts:
        text = "Bring reference cells and choose the column with their types"
        show.empty("No labelled reference yet", text, page="data")
        return None
    least = draft.data.quality.min_label_cells
    cells = {name: n for name, n in counts.items() if n >= least}
    if isinstance(draft.analysis, DeconvolveSpec):
        return Plan(project, draft, draft.analysis, cells, editable=True)
    if run is not None and isinstance(run.spec.analysis, DeconvolveSpec):
        show.note(
            f"The project's next run does something else; these are the settings of {run.name}. Choose a recipe for "
            "bulk composition to change them.",
            page="network",
        )
        return Plan(project, run.spec, run.spec.analysis, cells, editable=False)
    text = "The project's next run makes no mixtures. Choose a recipe for bulk composition, such as mixer"
    show.empty("No mixtures are planned", text, page="network")
    return None


def _proportions(plan: Plan, planned: Preview) -> None:
    spec = plan.settings
    words = f"{_number(spec)} of {_range(spec)} cells"
    with show.card("Proportions that are drawn", help=HELP, subtitle=words) as card:
        with card.actions:
            plot = st.segmented_control(
                "Plot", list(PLOTS), default="Violins", required=True, label_visibility="collapsed", key="mixtures-plot"
            )
        names = list(planned.sets)
        shown = st.selectbox(
            "Set",
            names,
            format_func=lambda name: f"{name}, {100 * planned.sets[name]:.0f} % of the mixtures",
            label_visibility="collapsed",
            key=f"mixtures-set-{spec.design}",
        )
        table = planned.of(str(shown))
        fig = design_shares(table, theme.current(), shown=PLOTS[str(plot)], colours=_colours(plan))
        show.figure(fig, f"mixtures_{spec.design}", table=table, height=HEIGHT, alt=f"Shares of the set {shown}")


def _types(plan: Plan) -> None:
    table = session.attempt(lambda: type_table(plan.cells, plan.settings))
    if table is None:
        return
    ranged = plan.settings.design == "digital_sorter"
    columns = {
        TYPE: st.column_config.TextColumn("Cell type", disabled=True),
        SHARE: st.column_config.NumberColumn("In the reference", format="%.1f %%", disabled=True),
        FROM: st.column_config.NumberColumn("From %", min_value=0, max_value=100, step=1),
        TO: st.column_config.NumberColumn("To %", min_value=1, max_value=100, step=1),
        FACTOR: st.column_config.NumberColumn("mRNA factor", min_value=0.001, max_value=1000.0, format="%.3g"),
    }
    help_text = (
        "From and to: the share that a type is expected to have, for the set of prior ranges; half to twice its share "
        "of the reference where nothing else is said. mRNA factor: what a type's counts are multiplied by, where the "
        "reference holds more or less of its mRNA than the tissue."
    )
    with show.card("Cell types", help=help_text, subtitle=f"{len(table)} types of the reference"):
        shown = table.assign(**{SHARE: 100 * table[SHARE]})
        if not ranged:
            shown = shown.drop(columns=[FROM, TO])
        edited = st.data_editor(
            shown,
            key=f"mixtures-types-{content_key(plan.settings.prior_ranges, plan.settings.mrna_factors, plan.cells)}",
            hide_index=True,
            disabled=not plan.editable,
            column_config=columns,
            height=ROW * (min(len(table), MOST_ROWS) + 1) + 2,
            row_height=ROW,
            width="stretch",
        )
        if not ranged:
            show.text("Expected ranges belong to the design of digitalDLSorteR.", muted=True)
        if plan.editable:
            _keep(plan, table, edited)


def _keep(plan: Plan, table: pd.DataFrame, edited: pd.DataFrame) -> None:
    """Write what was changed in the table of types."""
    changed = table.assign(**{name: edited[name] for name in (FROM, TO, FACTOR) if name in edited})
    changed = changed.where(changed.notna(), table)
    try:
        made = plan.settings.model_copy(update=lines_of(changed))
        type_table(plan.cells, made)
    except AppError as problem:
        show.error(problem)
        return
    write.settings(plan.project, "analysis", plan.settings, made)


def _settings(plan: Plan) -> None:
    ranged = plan.settings.design == "digital_sorter"
    with show.card("Settings", subtitle="Of the project's next run." if plan.editable else "Of the run.") as card:
        if not plan.editable:
            _read_only(plan.settings)
            return
        path, made = f"analysis.deconvolve.{plan.spec.recipe}", plan.settings
        fields = [name for name in DESIGN if ranged or name != "sparsity"]
        made = forms.edit(made, path, fields, columns=2, words=WORDS)
        with card.actions, st.popover("More", icon=":material/tune:", key="mixtures-more"):
            made = forms.edit(made, path, SHARES, folded=True)
    write.settings(plan.project, "analysis", plan.settings, made)


def _read_only(spec: DeconvolveSpec) -> None:
    known = type(spec).model_fields
    show.key_values({str(known[name].title): str(getattr(spec, name)) for name in (*DESIGN, *SHARES)})


def _simulated(plan: Plan, run: Run | None) -> None:
    results = Results(run) if run is not None else None
    help_text = (
        "A count model is fitted to the training cells, and new cells are drawn from it for types that have few. They "
        "are compared with real cells that the model has not seen. A classifier that tells the two apart no better "
        "than a coin has an AUC of .5."
    )
    with show.card("Simulated cells", help=help_text) as card:
        if plan.editable:
            with card.actions, st.popover("Settings", icon=":material/tune:", key="simulated-settings"):
                path = f"analysis.deconvolve.{plan.spec.recipe}.simulated"
                made = forms.edit(plan.settings, path, SIMULATED, folded=True)
            write.settings(plan.project, "analysis", plan.settings, made)
        if results is None or not results.has("simulated_types"):
            _none_simulated(plan)
            return
        _compared(results, plan)


def _none_simulated(plan: Plan) -> None:
    wanted = plan.settings.simulate_to
    share = plan.settings.train_cells
    few = [name for name, n in plan.cells.items() if round(share * n) < wanted]
    if wanted and few:
        show.text(
            f"The next run simulates cells of {', '.join(few)}, up to {wanted:,} training cells each. How like real "
            "cells they are is shown here when it has finished."
        )
        return
    rarest = min(plan.cells, key=lambda name: plan.cells[name])
    show.text(
        f"None are asked for. The rarest type is {rarest} with {plan.cells[rarest]:,} cells; set **Cells per type, "
        "simulated up to** to stand new cells beside the real ones in training."
    )


def _compared(results: Results, plan: Plan) -> None:
    types = results.table("simulated_types").set_index("cell_type")
    left, right = st.columns([1, 1.6], gap=12)
    with left:
        name = str(st.selectbox("Cell type", list(types.index), label_visibility="collapsed", key="simulated-type"))
    with right:
        chart = st.segmented_control(
            "Chart", CHARTS, default=CHARTS[0], required=True, label_visibility="collapsed", key="simulated-chart"
        )
    row = types.loc[name]
    if chart == CHARTS[2]:
        cells = results.table("simulated_cells")
        fig, table = component_overlap(cells, theme.current(), colours=_colours(plan)), cells
    else:
        table = results.table("simulated_genes")
        draw = mean_variance if chart == CHARTS[0] else zero_shares
        fig = draw(table, name, theme.current())
    show.figure(fig, "simulated_cells", table=table, height=HEIGHT - 60, alt=f"{chart} of simulated and real cells")
    show.text(
        f"{int(row['simulated']):,} simulated against {int(row['real']):,} real cells held out: a classifier tells "
        f"them apart with an AUC of {row['auc']:.2f} ({row['auc_low']:.2f} to {row['auc_high']:.2f}); shares of zeros "
        f"differ by {100 * row['zeros_error']:.1f} % on average.",
        muted=True,
    )


def _colours(plan: Plan) -> dict[str, str]:
    return (sets.summary(plan.project, "reference") or {}).get("colours") or {}


def _number(spec: DeconvolveSpec) -> str:
    """How many mixtures are made, and how often."""
    if not spec.fresh:
        return f"{spec.mixtures:,} mixtures"
    return f"{round(spec.mixtures * spec.train_mixtures):,} new mixtures in each epoch,"


def _range(spec: DeconvolveSpec) -> str:
    low, high = spec.cells_low, spec.cells_high
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
