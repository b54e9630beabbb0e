"""Genes behind a composition as tables to look at: the strongest of a type, heat maps, and their controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core.interpretation.top_genes import Sign, by_gene, stability, top_genes, union_of_top
from core.interpretation.why import marker_recall
from core.tasks.composition_genes import CLASS, LOSS, MIXED, Gradients

SIGNS: tuple[Sign, ...] = ("absolute", "positive", "negative")
FOR: dict[str, Sign] = {MIXED: "positive", CLASS: "positive", LOSS: "negative"}
"""The sign of a gene that speaks for a type: it raises the type's share, or lowers the loss."""
LEVEL = 0.05
"""Largest adjusted p that counts as beyond chance."""
FEWEST_MARKERS = 5


def markers_of_a_type(wanted: int, genes: int) -> int:
    """How many markers genes are compared with: as many as wanted, at most a tenth of all genes, five at least."""
    return min(max(min(wanted, genes // 10), FEWEST_MARKERS), genes)


def matrix(kept: Gradients, answer: str = MIXED, column: str = "gradient") -> pd.DataFrame:
    """Types x genes, in the order of the model."""
    table = kept.answers[answer]
    wide = table.pivot(index="cell_type", columns="gene", values=column)
    return wide.loc[kept.types, list(dict.fromkeys(table["gene"]))]


def heat(kept: Gradients, answer: str, sign: Sign, top: int, *, scaled: bool) -> pd.DataFrame:
    """Types x the genes that are among the ``top`` strongest of any type: mean gradients.

    ``scaled``: each gene less its mean over the types, over its standard deviation.
    """
    wide = matrix(kept, answer)
    chosen = wide.iloc[:, union_of_top(wide.to_numpy(), top, sign)]
    return pd.DataFrame(by_gene(chosen.to_numpy()), chosen.index, chosen.columns) if scaled else chosen


def drawable(kept: Gradients, answer: str, signs: tuple[Sign, ...], top: int, most: int) -> int:
    """How many of the ``top`` strongest genes of each type can be drawn, if ``most`` columns can be named."""
    wide = matrix(kept, answer).to_numpy()
    counts = range(top, 1, -1)
    return next((n for n in counts if all(len(union_of_top(wide, n, sign)) <= most for sign in signs)), 1)


def strongest(kept: Gradients, answer: str, name: str, sign: Sign, top: int, markers: int) -> pd.DataFrame:
    """The ``top`` strongest genes of one type, the strongest first.

    Returns
    -------
    gene, gradient, se, agree, mean, mean_others, marker_rank, marker (whether it is one of the type's
    ``markers`` strongest).
    """
    both = kept.answers[answer].merge(kept.genes, on=["cell_type", "gene"], sort=False)
    part = both.loc[both["cell_type"] == name].reset_index(drop=True)
    part = part.iloc[top_genes(part["gradient"].to_numpy(), top, sign)]
    size = markers_of_a_type(markers, int(kept.facts["genes"]))
    columns = ["gene", "gradient", "se", "agree", "mean", "mean_others", "marker_rank"]
    table = pd.DataFrame(part, columns=pd.Index(columns)).reset_index(drop=True)
    return table.assign(marker=table["marker_rank"] <= size)


def control(kept: Gradients, answer: str, top: int, markers: int) -> pd.DataFrame:
    """For each type how many genes that speak for it are its markers, and whether the networks name the same genes.

    Returns
    -------
    cell_type, genes (how many speak for it, ``top`` at most), found (markers among them), expected (of random genes),
    p and adjusted_p (that random genes hold as many or more; Benjamini-Hochberg over the types), common (share that two
    networks have in common, NaN for one network), common_expected (of random genes), in_all (genes that all networks
    name).
    """
    sign, n_genes = FOR[answer], int(kept.facts["genes"])
    size = markers_of_a_type(markers, n_genes)
    each = [matrix(kept, answer, f"network_{number + 1}").to_numpy() for number in range(int(kept.facts["networks"]))]
    rows = [_control_of(kept, answer, name, [part[place] for part in each], sign, top, size)
            for place, name in enumerate(kept.types)]  # fmt: skip
    table = pd.DataFrame(rows)
    table.insert(5, "adjusted_p", stats.false_discovery_control(table["p"].to_numpy()))
    return table


def top_table(kept: Gradients, top: int, markers: int) -> pd.DataFrame:
    """The strongest genes of every type, by both answers and all signs, below each other; for a file."""
    parts = [
        strongest(kept, answer, name, sign, top, markers).assign(answer=answer, sign=sign, cell_type=name)
        for answer in kept.answers
        for sign in SIGNS
        for name in kept.types
    ]
    table = pd.concat(parts, ignore_index=True)
    first = ["answer", "sign", "cell_type"]
    return table.loc[:, [*first, *(name for name in table.columns if name not in first)]]


def control_table(kept: Gradients, top: int, markers: int) -> pd.DataFrame:
    """`control` of both answers below each other; for a file."""
    parts = [control(kept, answer, top, markers) for answer in kept.answers]
    for answer, part in zip(kept.answers, parts, strict=True):
        part.insert(0, "answer", answer)
    return pd.concat(parts, ignore_index=True)


def _control_of(
    kept: Gradients, answer: str, name: str, networks: list[np.ndarray], sign: Sign, top: int, markers: int
) -> dict[str, Any]:
    ranked = strongest(kept, answer, name, sign, top, markers)
    own = kept.genes.loc[(kept.genes["cell_type"] == name) & (kept.genes["marker_rank"] <= markers), "gene"]
    n_genes = int(kept.facts["genes"])
    recall = marker_recall(list(ranked["gene"]), set(own), len(ranked), n_genes)
    common, in_all = stability(networks, top, sign)
    return {
        "cell_type": name,
        "genes": len(ranked),
        "found": recall["found"],
        "expected": len(own) * len(ranked) / n_genes,
        "p": recall["p"],
        "common": common,
        "common_expected": min(top, n_genes) / n_genes,
        "in_all": in_all,
    }
