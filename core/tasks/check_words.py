"""What the checks of a code say in words: the same on the page and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.evaluation.code_clusters import CODE_LABELS, GENES_CODE, GENES_LABELS
from core.tasks.checks import CODES, MOVED, SALIENCY

SCALE_WORDS = {"as_it_is": "as it is", "z_scored": "z-scored", "per_cell": "per cell", "": ""}
PAIR_WORDS = {CODE_LABELS: "Code and labels", GENES_LABELS: "Genes and labels", GENES_CODE: "Code and genes"}
LIKENESS_WORDS = {CODES: "Values over cells", MOVED: "Genes they move", SALIENCY: "Genes that move them"}
FEW = 0.05
"""Difference of NMI from which it is worth a word."""


def comparison_name(pair: str, scale: str) -> str:
    """A row of the agreement of clusters: ``Code and labels, per cell``."""
    return f"{PAIR_WORDS[pair]}{', ' if scale else ''}{SCALE_WORDS[scale]}"


def cluster_words(summary: pd.DataFrame, groups: int) -> str:
    """What the agreement of k-means groups says. ``summary``: of `code_clusters.summary`."""
    nmi = {(str(row["pair"]), str(row["scale"])): float(row["nmi"]) for row in summary.to_dict("records")}
    if (CODE_LABELS, "as_it_is") not in nmi:
        return f"Without labels only the genes' own {groups} groups can be compared with those of the code."
    plain, per_cell = nmi[CODE_LABELS, "as_it_is"], nmi[CODE_LABELS, "per_cell"]
    genes = nmi[GENES_LABELS, ""]
    best = max(plain, per_cell, nmi[CODE_LABELS, "z_scored"])
    if per_cell - plain > FEW:
        first = (
            f"The code as it is follows each cell's library size more than its type (NMI {plain:.2f}); with the values "
            f"of each cell divided by their sum it is {per_cell:.2f}."
        )
    else:
        first = f"NMI of code and labels is {plain:.2f} as the code is, and {per_cell:.2f} with cells scaled."
    if best - genes > FEW:
        return f"{first} Groups of the code follow the labels better than groups of the genes do ({genes:.2f})."
    if genes - best > FEW:
        return f"{first} Groups of the genes themselves follow the labels better ({genes:.2f})."
    return f"{first} Groups of the genes, without a network, do as well ({genes:.2f})."


def orthogonal_words(facts: Mapping[str, Any]) -> str:
    """How orthogonal weights and units are."""
    off, like = float(facts["off_orthonormal"]), float(facts["mean_likeness"])
    weights = (
        "The weights of the units are orthonormal" if off < 0.1 else "The weights of the units are not orthonormal"
    )
    words = f"{weights} (off by {off:.2g}); over cells two units still have |r| {like:.2f} on average."
    return f"{words} Orthogonal weights do not make independent units." if off < 0.1 and like > 0.1 else words


def sweep_words(weights: pd.DataFrame) -> str:
    """What the sweep says of the weight of the penalty. ``weights``: of `orthogonality.reading`."""
    chosen = weights.loc[weights["chosen"]]
    if not len(chosen):
        return "No weight keeps the validation loss within 1 % of that without the penalty."
    row = chosen.iloc[0]
    words = (
        f"Chosen is {row['weight']:g}, the largest weight whose validation loss is within 1 % of that without "
        f"({signed_percent(float(row['above']), 2)})."
    )
    plain = float(weights["fall"].iloc[0])
    if pd.isna(row["extra"]):
        return (
            f"{words} Without the penalty the norm does not fall over epochs 1 to 5 ({-plain:+.3g} per epoch), so the "
            f"paper's share has no meaning here; with it the norm falls by {float(row['fall']):.3g}."
        )
    return (
        f"{words} Over epochs 1 to 5 the norm falls {signed_percent(float(row['extra']), 0)} faster (paper: +78.9 %)."
    )


def clean_words(facts: Mapping[str, Any]) -> str:
    """How different the units are."""
    median = facts["median_likeness"]
    parts = [f"{LIKENESS_WORDS[name].lower()} {float(median[name]):.2f}" for name in LIKENESS_WORDS if name in median]
    return f"Median |r| of two units: {', '.join(parts)}. Near 0 every unit is a thing of its own."


def signed_percent(share: float, digits: int) -> str:
    """``+78.9 %`` with a true minus."""
    return f"{100 * share:+.{digits}f} %".replace("-", "−")
