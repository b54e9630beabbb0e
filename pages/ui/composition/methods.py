"""Several methods on the same samples, and expected against predicted: measured where there are measurements."""

from __future__ import annotations

import math

import pandas as pd

from core.composition.agreement import mean_type_r
from core.composition.floor import constant_floor
from core.composition.unknown import UNKNOWN
from core.figures.agreement import expected_against_predicted, method_dots
from core.figures.heatmaps import heatmap
from core.results import Results
from core.tasks.colours import run_colours
from core.tasks.truth import FLOOR, NETWORK, TRUTH_MEAN
from pages.ui import show, theme
from pages.ui.composition import samples

CHARTS, LINE = 612, 20
"""Pixels of both rows of charts over a note of two lines, in a window of 900; what a line less leaves them."""
LOWEST = 240
MIXTURES_SHOWN = 60
MOST_IN_LEGEND = 8
MOST_NAMED = 4
MARGIN = 0.04
PLOT_WIDTH = 480
"""Pixels that the scores are likely to have."""
WORDS = {
    NETWORK: "This network",
    "weighted_nnls": "Weighted NNLS",
    "nnls": "NNLS",
    "nnls_all_genes": "NNLS, all genes",
    "multinomial": "Multinomial fit",
    FLOOR: "Mean of the reference",
}
WITHOUT = (
    "The model was trained by an earlier version of CellDesk, which kept no mixtures in its file. Bring measured "
    "proportions on the Data page to see how good it is, or train again."
)
CCC, TYPE_R = "all types together (CCC)", "within each type (r)"
CCC_HELP = (
    "CCC, concordance: 1 where predicted equals true, so a wrong scale costs. r, correlation: within each type over "
    "the samples, then the mean; it shows whether samples are told apart."
)


def methods(results: Results, sample: str) -> None:
    """Agreement of every method with the measured proportions; without them, what each says of one sample."""
    if results.has("measured_scores"):
        _agreement(results)
    else:
        _side_by_side(results, sample)


def expected(results: Results) -> None:
    """Measured against predicted; without measurements, the simulated mixtures kept for the test."""
    real = results.has("measured")
    if not real and not results.has("test_mixtures"):
        with show.card("Simulated mixtures kept for the test"):
            show.text(WITHOUT, muted=True)
        return
    table = results.table("measured") if real else results.table("test_mixtures")
    scores = f"CCC {_ccc(results):.2f} (floor {constant_floor(table):.2f}), r {mean_type_r(table):.2f}"
    title = "Measured against predicted" if real else "Simulated mixtures kept for the test"
    with show.card(title, help=CCC_HELP, subtitle=scores):
        rows = table.reset_index().rename(columns={"proportion": "expected"})
        if not real:
            kept = rows["sample"].drop_duplicates().head(MIXTURES_SHOWN)
            rows = rows.loc[rows["sample"].isin(kept), :]
        classes = results.run.summary["classes"]
        words = "Measured" if real else "True share of the simulated mixture"
        fig = expected_against_predicted(
            rows, theme.current(), colours=run_colours(results, theme.current()), measured_by=words
        )
        if len(classes) > MOST_IN_LEGEND:  # the bars above have the same colours with their names
            fig.update_layout(showlegend=False, margin_b=48)
        show.figure(fig, "expected_against_predicted", table=rows, height=_height(results), alt=title)


def reading(results: Results) -> None:
    """One sentence on what the agreement means, with the numbers of this run."""
    real = results.has("measured")
    if not real and not results.has("test_mixtures"):
        return
    table = results.table("measured") if real else results.table("test_mixtures")
    floor, within = constant_floor(table), mean_type_r(table)
    words = (
        f"**How to read this.** Giving every sample the same average answer already scores {floor:.2f} over all types "
        f"together. Only the score within each type shows that samples are told apart; here it is {within:.2f}."
    )
    if real and (missing := _unmeasured(results)):
        words += (
            f" Only {_named(table)} are judged: they are measured under the reference's names, and scaled to sum to "
            f"one. The other {len(missing)} types are not."
        )
    if not real:
        words += " Both were found on simulated mixtures of reference cells; real samples are harder."
    if UNKNOWN in results.run.summary["classes"]:
        words += " **Unknown** also takes in differences of protocol, and misses types that have a relative here."
    show.note(words)


def _agreement(results: Results) -> None:
    table = results.table("measured_scores").set_index("method")
    floor = float(table.loc[TRUTH_MEAN, "CCC"]) if TRUTH_MEAN in table.index else None
    table = table.drop(index=TRUTH_MEAN, errors="ignore")
    rows = pd.DataFrame(
        [
            {"method": WORDS.get(str(name), str(name)), "measure": measure, "mean": value, "low": value, "high": value}
            for name, row in table.iterrows()
            for measure, value in ((CCC, row["CCC"]), (TYPE_R, row["type_r"]))
        ]
    )
    with show.card("Methods on the same samples", help=CCC_HELP, subtitle=_judged(results)):
        fig = method_dots(rows, theme.current(), floor=floor, ours=WORDS[NETWORK], width=PLOT_WIDTH)
        fig.update_xaxes(range=[min(0.0, float(rows["mean"].min())) - MARGIN, 1 + MARGIN])
        show.figure(fig, "methods", table=rows, height=_height(results), alt="Agreement of each method")


def _judged(results: Results) -> str:
    types = len(results.run.summary["classes"])
    missing = len(_unmeasured(results))
    words = "Against the measured proportions"
    return f"{words} of {types - missing} of {types} types" if missing else words


def _side_by_side(results: Results, sample: str) -> None:
    table = results.table("methods").reset_index()
    table = table[table["sample"] == sample]
    order = list(dict.fromkeys(table["method"]))
    wide = 100 * table.pivot(index="method", columns="cell_type", values="proportion").loc[order]
    wide.index = pd.Index([WORDS.get(str(name), str(name)) for name in wide.index])
    words = wide.map(lambda share: f"{share:.0f}" if share >= 0.5 else "").to_numpy(dtype=object)
    high = 10.0 * max(1, math.ceil(float(wide.to_numpy().max()) / 10))
    fig = heatmap(wide, theme.current(), title="Proportion (%)", low=0, high=high, words=words)
    fig.update_xaxes(title="")
    with show.card(
        "Methods on the same sample",
        help="Nobody measured this sample, so no method can be called right. Where they differ widely, trust none.",
        subtitle=f"What each says of {sample}; proportions in %",
    ):
        alt = "Proportions by method and type"
        show.figure(fig, "methods", table=wide.reset_index(), height=_height(results), alt=alt)


def _height(results: Results) -> int:
    types = len(results.table("composition").columns)
    room = CHARTS + (LINE if results.has("measured") and not _unmeasured(results) else 0)
    return max(LOWEST, room - samples.height(results, types))


def _unmeasured(results: Results) -> list[str]:
    """Types of the reference that nobody measured under its names."""
    known = set(results.table("measured")["cell_type"].astype(str))
    return [name for name in map(str, results.run.summary["classes"]) if name not in known]


def _named(table: pd.DataFrame) -> str:
    """The types of a long table: ``NK and DC``, or how many there are."""
    names = list(dict.fromkeys(table["cell_type"].astype(str)))
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) <= MOST_NAMED else f"{len(names)} types"


def _ccc(results: Results) -> float:
    if results.has("measured_scores"):
        return float(results.table("measured_scores").set_index("method").loc[NETWORK, "CCC"])
    scores = results.table("test_metrics").set_index("cell_type")
    return float(scores.loc["all", "CCC"])
