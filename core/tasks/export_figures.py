"""The main figures of a finished run, made from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.figures.agreement import expected_against_predicted
from core.figures.annotation import confusion_heatmap, coverage_curve, per_type_bars, reliability
from core.figures.composition import composition_bars
from core.figures.curves import loss_curves
from core.figures.embedding import embedding_by_label
from core.figures.evaluation import baseline_bars
from core.figures.pathways import impact_panels
from core.figures.set_names import plain_names
from core.figures.style import LIGHT, Theme
from core.interpretation.impact import min_max
from core.results import Results
from core.tasks.colours import run_colours
from core.tasks.export_evidence import evidence_figures
from core.tasks.impact_step import of_run

if TYPE_CHECKING:
    import plotly.graph_objects as go

SETS = 16
MAIN_METRICS = {
    "reconstruction": ("mse", "Mean squared error (natural log)"),
    "rank": ("first_rank_share", "Own cell found first, share"),
    "classification": ("error_share", "Wrong types, share"),
    "clusters": ("nmi", "NMI"),
    "left_out": ("own_profile_share", "Own profile found, share"),
}
"""The metric drawn of each experiment, and its axis title."""
FEW_TIMES = 3.0
"""A method whose error is more than this times that of the gene mean would hide the others."""


def run_figures(results: Results, theme: Theme = LIGHT) -> dict[str, tuple[go.Figure, str]]:
    """File name -> figure and its caption, in the order of a report."""
    makers = {
        "represent": (_pictures, _impact),
        "annotate": (_pictures, _annotation, evidence_figures),
        "deconvolve": (_composition,),
        "evaluate": (_evaluation,),
    }[results.run.spec.task]
    found: dict[str, tuple[go.Figure, str]] = {}
    for make in (*makers, _losses):
        found |= make(results, theme)
    return found


def _pictures(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    column = results.label_column
    labels = results.obs[column].astype(str).to_numpy() if column else "cells"
    found = {}
    for title, picture in results.pictures.items():
        table = picture.points.assign(label=labels)
        figure = embedding_by_label(table, theme, colours=run_colours(results, theme), caption=picture.caption)
        found[_file(title)] = (figure, f"{title}{', made from ' + picture.made_from if picture.made_from else ''}.")
    return found


def _impact(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    if not results.has("impact_findings"):
        return {}
    found = of_run(results.run)
    rows = found.ordered()[:SETS]
    names = plain_names(map(str, found.impact.index))
    control = None if found.control is None else min_max(found.control).loc[rows].rename(index=names)
    tables = [table.loc[rows].rename(index=names) for table in (found.impact, found.expected, found.beyond)]
    figure = impact_panels(tables[0], tables[1], control, theme, beyond=tables[2])
    number = int(found.beyond.to_numpy().sum())
    said = f"{number:,} impacts are beyond chance (dots)" if number else "no impact is beyond chance"
    return {"pathway_impact": (figure, f"Impact of gene sets on code units, beside shuffled genes: {said}.")}


def _annotation(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    found = {}
    if results.has("coverage"):
        figure = coverage_curve(results.table("coverage"), theme)
        found["coverage"] = (figure, "Right labels among reference cells held out, by share of cells labelled.")
    if results.has("confusion"):
        table = results.table("confusion").reset_index()
        counts = table.pivot_table(index="known", columns="called", values="cells", aggfunc="sum", fill_value=0)
        types = sorted({*map(str, counts.index), *map(str, counts.columns)})
        counts = counts.reindex(index=types, columns=types, fill_value=0)
        found["confusion"] = (confusion_heatmap(counts, theme), "Called against known types of held-out cells.")
    if results.has("reliability"):
        bins = results.table("reliability").dropna()
        found["reliability"] = (reliability(bins, theme), "Share of right labels at each probability.")
    if results.has("per_type"):
        scores = results.table("per_type").reset_index()
        found["per_type"] = (per_type_bars(scores, theme), "Precision, recall and F1 of each held-out type.")
    return found


def _composition(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    found = {}
    if results.has("composition"):
        figure = composition_bars(results.table("composition"), theme, colours=run_colours(results, theme))
        found["composition"] = (figure, "Share of each cell type in every bulk sample.")
    if results.has("test_mixtures"):
        table = results.table("test_mixtures").reset_index().rename(columns={"proportion": "expected"})
        figure = expected_against_predicted(table, theme, colours=run_colours(results, theme), measured_by="Known")
        found["test_mixtures"] = (figure, "Predicted against known shares of simulated test mixtures.")
    return found


def _evaluation(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    if not results.has("evaluation_summary"):
        return {}
    table, found = results.table("evaluation_summary").reset_index(), {}
    for experiment, (metric, title) in MAIN_METRICS.items():
        part = table.loc[(table["experiment"] == experiment) & (table["metric"] == metric)]
        floor = part.loc[part["method"] == "gene_mean", "value"]
        if len(floor):
            part = part.loc[part["value"] <= FEW_TIMES * float(floor.iloc[0])]
        if len(part):
            figure = baseline_bars(part.loc[:, ["method", "value"]], theme, value_title=title, ours="autoencoder")
            found[f"evaluation_{experiment}"] = (figure, f"{title}, by method, mean over splits.")
    return found


def _losses(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    metrics = results.run.metrics()
    first = metrics[(metrics["stage"] == "") & (metrics["member"] == 0)]
    if not len(first):
        stages = metrics["stage"].unique()
        first = metrics[(metrics["stage"] == stages[0]) & (metrics["member"] == 0)] if len(stages) else metrics
    table = (
        first.loc[first["term"] == "loss"].rename(columns={"value": "loss"}).replace({"split": {"train": "training"}})
    )
    if not len(table):
        return {}
    figure = loss_curves(pd.DataFrame(table[["epoch", "split", "loss"]]), theme)
    return {"loss": (figure, "Total loss of the first network in each epoch.")}


def _file(title: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in title.lower()).strip("_")
