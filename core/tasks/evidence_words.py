"""What the evidence says, in a sentence each, for the page, the command line and the report alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.annotation.match_score import LEVEL, best_overlap
from core.tasks.evidence_names import NOT_ASSIGNED, PREDICTED


def match_words(overlap: pd.DataFrame, summary: pd.Series) -> str:
    """MatchSCore of one grouping beside chance, and which groups have the markers of another type.

    Parameters
    ----------
    overlap
        Rows of match_score of one grouping.
    summary
        Its row of match_summary.
    """
    score = f"matchSCore {summary['score']:.2f}, {summary['chance']:.2f} by chance."
    best = best_overlap(overlap)
    if summary["grouping"] != PREDICTED:
        clear = int((best["p_adjusted"] <= LEVEL).sum())
        return f"{score} {clear} of {len(best)} groups share more markers with a reference type than chance would give."
    called = best.loc[best["query"] != NOT_ASSIGNED]
    wrong = called.loc[called["query"] != called["reference"]]
    if not len(wrong):
        return f"{score} All {len(called)} groups share most markers with the type that they are called."
    names = ", ".join(f"{row.query} ({row.reference})" for row in wrong.itertuples())
    return (
        f"{score} {len(called) - len(wrong)} of {len(called)} groups share most markers with the type that they are "
        f"called; look again at {names}."
    )


def left_out_words(summary: pd.Series) -> str:
    """How many groups were too small for marker genes; empty where none was."""
    n = int(summary["left_out"])
    return f"{n} {'group' if n == 1 else 'groups'} of fewer than three cells left out." if n else ""


def dots_words(facts: Mapping[str, Any]) -> str:
    """How often a marker is highest where it should be."""
    n = int(facts["markers_seen"])
    if not n:
        return "No type whose markers are shown was given to a query cell."
    return (
        f"{facts['own']} of {n} markers are highest in the query cells that are called what they mark; "
        f"{facts['chance'] * n:.1f} would be by chance."
    )


def flow_words(cells: int, groups: int, purity: float, refused: int) -> str:
    """How far groups of cells keep together."""
    return (
        f"{100 * purity:.1f} % of {cells:,} cells have the commonest label of their group ({groups} groups); "
        f"{refused:,} {'is' if refused == 1 else 'are'} not assigned."
    )


def identity_words(scores: Mapping[str, float], column: str) -> str:
    """Agreement with the query's own labels, on all cells, with coverage beside it."""
    every = int(scores["cells_of_shared_types"])
    said = (
        f"{100 * scores['accuracy']:.1f} % of all {every:,} cells whose {column} the reference has are called so; "
        f"{100 * scores['coverage']:.1f} % keep their label"
    )
    right = scores["accuracy_assigned"]
    said += f", of these {100 * right:.1f} % are right." if not math.isnan(right) else "."
    others = int(scores["cells"]) - every
    if others:
        said += f" Of {others:,} cells of other types {100 * scores['unknown_refused']:.0f} % are refused."
    return said


def safe_words(right: np.ndarray, labelled: np.ndarray, column: str) -> str:
    """Agreement of labels of several levels with the query's own types.

    Parameters
    ----------
    right
        (n_cells,), whether the label is the cell's own type or lies above it.
    labelled
        (n_cells,), whether it keeps a label.
    column
        The query's column of own types.
    """
    said = f"{100 * labelled.mean():.1f} % of {len(right):,} cells of types of the reference keep a label"
    if not labelled.any():
        return f"{said}."
    return f"{said}; {100 * right[labelled].mean():.1f} % of these labels are the cell's {column} or lie above it."


def recall_words(row: pd.Series) -> str:
    """Markers among a type's strongest genes, beside untrained networks and chance."""
    top = int(row["top"])
    return (
        f"Of the {top} genes that raise {row['cell_type']} most, {int(row['found'])} are among its {top} strongest "
        f"markers; {row['untrained_recall'] * top:.0f} in networks that learned nothing, {row['chance'] * top:.0f} of "
        "genes drawn at random."
    )


def complete_words(facts: Mapping[str, Any]) -> str:
    """How far attributions add up to the difference of logits."""
    n = int(facts["networks"])
    return (
        f"Mean of {n} {'network' if n == 1 else 'networks'}. Attributions add up to the difference of logits within "
        f"{100 * facts['largest_gap']:.1f} % in every cell."
    )


def mixing_words(mixing: pd.DataFrame) -> str:
    """Mixing in the code beside mixing without a network."""
    mean = {str(space): float(part["mixing"].mean()) for space, part in mixing.groupby("space")}
    if not mean:
        return "No type has five cells of both files, so that mixing cannot be measured."
    return (
        f"Among its nearest cells of the same type a query cell has {_share(mean['code'])} of the reference cells "
        f"expected if the files were one; without the network {_share(mean['genes'])}. Labels decide who is compared, "
        "so this is no proof that they are right."
    )


def why_words(facts: Mapping[str, Any], genes: list[str]) -> str:
    """What would change the call of a cell.

    Parameters
    ----------
    facts
        Of `core.tasks.evidence_cell.Why`.
    genes
        Genes in the order in which they were replaced.
    """
    called, other, n = facts["cell_type"], facts["other"], facts["genes_to_change"]
    own, others = facts.get("probability", 1.0), facts.get("other_probability", 0.0)
    if own < others:
        came = "the vote" if facts.get("vote") else "the most probable group of types"
        return f"By itself the cell is rather {other} ({others:.2f}) than {called} ({own:.2f}), which came of {came}."
    if facts["lead"] < 0:
        return (
            f"The networks' mean logit is higher for {other} by {-facts['lead']:.1f}; {called} has the higher "
            "probability all the same, since probabilities are averaged one network at a time."
        )
    lead = f"{called} leads {other} by {facts['lead']:.1f} logits."
    if n is None:
        return f"{lead} With {facts['tried']} genes as in the average {other} cell it would still be called {called}."
    named = f" ({', '.join(genes[:n])})" if n <= 4 else ""
    return (
        f"{lead} With {n} {'gene' if n == 1 else 'genes'}{named} as in the average {other} cell it would be "
        f"called {other}."
    )


def decision_words(facts: Mapping[str, Any]) -> list[str]:
    """How the cell came to its label: down the levels, and by vote; nothing where there is one level and no vote.

    Parameters
    ----------
    facts
        As `core.tasks.evidence_decision.decision` has them.
    """
    said = []
    if facts.get("path"):
        said.append(_path_words(facts["path"], facts["safe_label"]))
    if facts.get("vote"):
        said.append(_vote_words(facts["vote"], facts["cell_type"]))
    return said


def _path_words(path: Sequence[Mapping[str, Any]], safe_label: str) -> str:
    steps = []
    for step in path:
        needed = step["safe_from"]
        limit = "no label is safe here" if needed is None else f"safe from {needed:.2f}"
        steps.append(f"{step['level']}: {step['label']}, {step['probability']:.2f} ({limit})")
    way = "; ".join(steps)
    if safe_label == NOT_ASSIGNED:
        end = "no label is safe" if not any(step["safe"] for step in path) else "the reference does not know the cell"
        return f"Down the levels: {way}. Not assigned: {end}."
    return f"Down the levels: {way}. The deepest safe label is {safe_label}."


def _vote_words(vote: Mapping[str, Any], called: str) -> str:
    whose = f"its cluster {vote['cluster']}" if "cluster" in vote else "its neighbours"
    own = f"{vote['own_type']} ({vote['own_probability']:.2f})"
    if not vote["counted"]:
        cluster = f"Its cluster {vote['cluster']} of {vote['voters']:,} cells"
        return f"{cluster} is too small to vote; its own best type is {own}."
    share = f"{100 * vote['vote_fraction']:.0f} % of {vote['voters']:,} votes of {whose} are for {called}"
    if vote["own_type"] == called:
        return f"{share}, as is its own best type {own}."
    return f"{share}; by itself it would be {own}."


def reference_words(facts: Mapping[str, Any]) -> str:
    """What stands in for a reference that is not at hand; empty where the reference itself was read.

    Parameters
    ----------
    facts
        Of any part; ``reference`` as `core.tasks.evidence_reference.Reference.facts`.
    """
    found = facts.get("reference", {})
    if found.get("source", "file") == "file":
        return ""
    whose = "cells of the bridge" if found["source"] == "bridge" else "reference cells"
    cells = f"and {found['cells']:,} of these cells" if found["cells"] else "and none of the cells"
    return (
        f"As the model file has it: averages of {found['of']:,} {whose} {cells}. Markers are found among the model's "
        "own genes."
    )


def _share(mixing: float) -> str:
    return f"{100 * mixing:.0f} %"
