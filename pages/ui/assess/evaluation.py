"""The Evaluation page's pieces: settings and start, the claims, the baselines, differences from PCA, plain words."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from core.errors import DataError
from core.evaluation import verdict
from core.export.script import command
from core.figures.evaluation import baseline_bars, difference_dots
from core.project import Project
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.specs import EvaluateSpec, RunSpec, parse
from pages.ui import forms, session, show, theme
from pages.ui.assess import evaluation_words as words
from pages.ui.runs import where

RECIPE = "cell_identity_code"
SETTINGS = "evaluation"
"""Note of the project: what the next evaluation tries."""
FEW_TIMES = 3.0
"""A method whose error is more than this times that of the gene mean is named, not drawn."""
ROWS_ABOVE_CHARTS = 434
"""Pixels of the table of claims above the charts: its head and thirteen whole rows."""
WITHOUT_CHART = 306
"""Pixels of the card of the splits where it holds no chart: as high as with one."""
FILTERS = {"all": "All", "same": "Same direction", "partly": "Partly", "not_repeated": "Not repeated"}
FILTERS |= {"not_run": "Not run"}
CHIPS = {
    "same": ("current", "Same direction"),
    "partly": ("choose", "Partly"),
    "not_repeated": ("failed", "Not repeated"),
    "baseline": ("note", "PCA itself"),
    "not_run": ("missing", "Not run"),
}
COLUMNS = {
    "paper": show.Column("Paper", muted=True),
    "claim": show.Column("Claim"),
    "stated": show.Column("In the paper"),
    "ours": show.Column("Here", strong=True),
    "outcome": show.Column(
        "Same direction?",
        "chip",
        help="Where the paper compares with PCA: whether PCA is beaten here too. Elsewhere: whether the number here is "
        "as good; partly means at least half as good.",
    ),
    "data": show.Column("Our data", muted=True),
}


def settings(project: Project) -> EvaluateSpec:
    """What the next evaluation tries; every change is kept in the project."""
    kept = parse(EvaluateSpec, project.note(SETTINGS) or {})
    spec = forms.edit(kept, f"evaluate.{project.root.name}", ("experiments", "folds", "test_share"), folded=True)
    if spec != kept:
        project.note(SETTINGS, spec.model_dump(mode="json"))
    return spec


def start(project: Project, wanted: EvaluateSpec) -> bool:
    """Start an evaluation of the project's reference; false where it was refused."""

    def act() -> Run:
        run = project.new_run(planned(project.draft, wanted))
        where.start(run)
        return run

    started = session.attempt(act)
    if started is not None:
        session.choose_run(started)
    return started is not None


def planned(draft: RunSpec, wanted: EvaluateSpec) -> RunSpec:
    """The run: the recipe of Cell Identity Codes on the project's reference.

    Raises
    ------
    DataError
        If the reference has no labels.
    """
    reference = draft.data.reference
    if reference is None or not reference.label_column:
        raise DataError(
            "The experiments need cell types", reference and reference.path, "Choose the label column on the Data page"
        )
    spec = recipe(RECIPE).for_task("evaluate")
    data = spec.data.model_copy(update={"reference": reference, "quality": draft.data.quality})
    return spec.model_copy(update={"data": data, "analysis": wanted, "seed": draft.seed})


def judged(results: Results | None) -> pd.DataFrame:
    """Every claim with the paper's number, ours and the verdict; nothing is run where there are no results."""
    return verdict.judged(*_tables(results))


def claims(table: pd.DataFrame, results: Results | None, key: str) -> dict | None:
    """The table of claims; returns the chosen one."""
    counts = table["verdict"].value_counts()
    with show.card("What the papers report and what we find") as panel:
        chosen = panel.actions.segmented_control(
            "Shown",
            [name for name in FILTERS if name == "all" or counts.get(name)],
            format_func=lambda name: f"{FILTERS[name]} {len(table) if name == 'all' else counts[name]}",
            default="all",
            required=True,
            label_visibility="collapsed",
            key="claims-shown",
        )
        shown = table if chosen == "all" else table.loc[table["verdict"] == chosen]
        rows = shown.to_dict("records")
        data = words.data_name(results.run) if results else ""
        lines = [
            {
                "paper": row["paper"].replace(" ", "\u00a0"),
                "claim": row["claim"],
                "stated": words.stated(row).replace(" ", "\u00a0"),
                "ours": words.ours(row).replace(" ", "\u00a0"),
                "outcome": CHIPS[row["verdict"]],
                "data": data if row["verdict"] != "not_run" else "",
            }
            for row in rows
        ]
        name = f"claims-{key}-{chosen}"
        kept = st.session_state.get(name, {}).get("selected") or [0]
        below = any(rows[row]["verdict"] != "not_run" for row in kept if row < len(rows))
        height = ROWS_ABOVE_CHARTS if below else None
        event = show.table(lines, COLUMNS, key=name, select="row", selected=(0,), height=height)
    return rows[event.selected[0]] if event.selected else None


def _tables(results: Results | None) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    if results is None or not results.has("claims"):
        return None, None
    return results.table("claims"), results.table("evaluation_summary")


def untried(claim: dict, wanted: EvaluateSpec) -> None:
    """Why a claim has no number here."""
    with show.card("Why this is not run", height="content"):
        for line in words.untried(claim, wanted.experiments):
            show.text(line)


def next_one(table: pd.DataFrame, wanted: EvaluateSpec) -> None:
    """What the next evaluation would do, before it is started."""
    counts = Counter(table["experiment"])
    tried = sum(counts[name] for name in wanted.experiments)
    rows = [
        {
            "experiment": name.replace("_", " ").capitalize(),
            "claims": counts[name],
            "state": ("fine", "Chosen") if name in wanted.experiments else ("missing", "Not chosen"),
        }
        for name in words.TITLES
    ]
    columns = {"experiment": "Experiment", "claims": "Claims", "state": show.Column("In it", "chip")}
    with show.card("The next evaluation", help=words.SURE_HELP):
        show.text("It trains new networks on splits of your reference; nothing is taken from other runs.")
        show.table(rows, columns, key="next-experiments")
        show.key_values(
            {
                "Claims tried": f"{tried} of {len(table)}",
                "Splits, by cell type": str(wanted.folds),
                "Kept for the test": f"{100 * wanted.test_share:.0f} % of each type",
                "Paired test against PCA": "yes"
                if wanted.folds >= verdict.FEWEST_PAIRS
                else f"needs {verdict.FEWEST_PAIRS} splits",
            }
        )


def methods(results: Results, claim: dict) -> None:
    """The claim's number for every method."""
    table = results.table("evaluation_summary")
    part = table.loc[(table["experiment"] == claim["experiment"]) & (table["metric"] == claim["metric"])]
    part, left_out = _drawable(part.sort_values("value", ascending=claim["direction"] == "lower"), claim["metric"])
    with show.card(words.metric_title(claim), help=words.metric_help(claim)):
        named = part.assign(method=part["method"].map(words.method))
        if not bool(part["sd"].isna().to_numpy().any()):
            named = named.assign(low=part["value"] - part["sd"], high=part["value"] + part["sd"])
        comparable = None if claim["metric"] == "mse" else float(claim["in_the_paper"])
        figure = baseline_bars(
            named,
            theme.current(),
            value_title=words.unit(claim["metric"]),
            ours=words.method(claim["method"]),
            paper=comparable,
        )
        show.figure(figure, f"{claim['experiment']}_{claim['metric']}", table=part, height=400, key="methods")
        if left_out:
            show.text(f"Not drawn, far above the rest: {left_out}.", muted=True)


def _drawable(part: pd.DataFrame, metric: str) -> tuple[pd.DataFrame, str]:
    """Methods that fit one scale, and the others in words."""
    limit = part.loc[part["method"] == "gene_mean", "value"]
    if metric != "mse" or not len(limit):
        return part, ""
    far = part["value"] > FEW_TIMES * float(limit.iloc[0])
    named = [f"{words.method(row['method'])} {row['value']:.3g}" for row in part.loc[far].to_dict("records")]
    return part.loc[~far], ", ".join(named)


def splits(results: Results, claim: dict) -> None:
    """Difference from PCA in each split; of a p, which is no matter of differences, every value."""
    if claim["metric"].startswith("wilcoxon"):
        _each_p(results, claim)
        return
    gaps = verdict.differences(results.table("evaluation"), claim["experiment"], claim["metric"])
    own = gaps.loc[gaps["method"].isin(["autoencoder", "classifier_autoencoder"])]
    with show.card("Difference from PCA in each split", height="stretch" if len(own) else WITHOUT_CHART):
        if not len(own):
            show.text("PCA is not part of this experiment.", muted=True)
            return
        figure = difference_dots(
            own.assign(method=own["method"].map(words.method)),
            theme.current(),
            y_title=f"{words.short(claim['metric'])} minus PCA",
            remark=f"{'below' if claim['direction'] == 'lower' else 'above'} 0 is better than PCA",
        )
        show.figure(figure, "difference_from_pca", table=gaps, height=246, key="splits")


def _each_p(results: Results, claim: dict) -> None:
    table = results.table("evaluation")
    part = table.loc[(table["experiment"] == claim["experiment"]) & (table["metric"] == claim["metric"])]
    rows = [
        {"split": int(row["fold"]) + 1, "method": words.method(row["method"]), "p": words.power(row["value"])}
        for row in part.to_dict("records")
    ]
    columns = {"split": show.Column("Split", "number"), "method": "Method", "p": show.Column("p", strong=True)}
    with show.card("p in each split", height=WITHOUT_CHART):
        show.table(rows, columns, key=f"each-p-{claim['metric']}", height=216)
        show.text("A p depends on the number of cells; what is compared is whether it is below 0.05.", muted=True)


def how_sure(results: Results, claim: dict) -> None:
    """What stands behind the number."""
    run, summary = results.run, results.run.summary
    gaps = verdict.differences(results.table("evaluation"), claim["experiment"], claim["metric"])
    p = verdict.paired_p(gaps, claim["method"])
    folds = int(claim["folds"]) if claim["folds"] == claim["folds"] else 0
    with show.card("How sure is this?", help=words.SURE_HELP):
        show.key_values(
            {
                "Splits, by cell type": str(folds),
                "Paired test against PCA": f"p = {p:.2g}" if p is not None else f"needs {verdict.FEWEST_PAIRS} splits",
                "Test cells seen in training": "none",
                "Kept for the test": f"{getattr(run.spec.analysis, 'test_share', 0):.0%} of each type".replace(
                    "%", " %"
                ),
                "Cells, genes": f"{summary['cells']:,}, {summary['genes']:,}",
                "Networks trained": f"{summary['networks_trained']:,}",
                "Time": f"{summary['seconds']:.0f} s",
            }
        )
        st.download_button(
            "evaluation.csv",
            data=results.path("evaluation").read_bytes(),
            file_name="evaluation.csv",
            mime="text/csv",
            icon=":material/download:",
            width="stretch",
            key="evaluation-csv",
            on_click="ignore",
        )


def command_box(run: Run) -> None:
    """The same evaluation without a browser, to copy."""
    with st.popover("Command", icon=":material/terminal:", key="evaluation-command"):
        default = recipe(run.spec.recipe or RECIPE).for_task("evaluate")
        text = session.attempt(lambda: command(run.spec, default, "evaluation"))
        if text:
            st.code(text, language="bash", wrap_lines=True)
