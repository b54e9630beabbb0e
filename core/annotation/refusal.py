"""Another share of known cells refused, from the tables of a finished run; nothing is fitted again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

FAR = 0.01
"""A cell stranger than all but this share of the known ones is far from every type."""
FEW = 0.05
"""A cell with fewer counts than all but this share of the labelled ones has few."""
Z95 = 1.959964
"""Quantile of the normal distribution that leaves 2.5 % above it."""
ORDINARY = 0.25
"""Share of held-out cells, the least strange, by which a whole query is compared with the reference."""
LEAST_ORDINARY = 0.1
"""Where fewer of the query are as ordinary as these, the two differ as a whole, and no rate carries over."""
FEW_COUNTS, FAR_FROM_ALL, NEAR = "Few counts", "Far from every type", "Just beyond the cut-off"


@dataclass(frozen=True)
class Cut:
    """One choice of how many cells to label.

    Attributes
    ----------
    rate
        Share of known cells wrongly refused, 0 to 1.
    threshold
        The largest open-set score that keeps its label.
    coverage, accuracy
        Of held-out reference cells: share that keeps a label, and share of these that is right, 0 to 1.
    """

    rate: float
    threshold: float
    coverage: float
    accuracy: float


def cut_at(curve: pd.DataFrame, rate: float) -> Cut:
    """The choice that refuses at most ``rate`` of the known cells.

    Parameters
    ----------
    curve
        coverage.csv: false_reject_rate, threshold, coverage, accuracy.
    rate
        0 to 1.
    """
    ordered = curve.sort_values("false_reject_rate")
    allowed = int((ordered["false_reject_rate"] <= rate + 1e-9).sum())
    row = ordered.iloc[max(allowed - 1, 0)]
    return Cut(*(float(row[name]) for name in ("false_reject_rate", "threshold", "coverage", "accuracy")))


def ordinary(annotation: pd.DataFrame, curve: pd.DataFrame) -> float:
    """Share of the query that is no stranger than the least strange quarter of held-out reference cells, 0 to 1.

    A quarter where query and reference are alike; less where cells are of other types, or all differ.
    """
    return float((annotation["open_set_score"] <= cut_at(curve, 1 - ORDINARY).threshold).mean())


def with_band(curve: pd.DataFrame, held_out: int) -> pd.DataFrame:
    """``curve`` with low and high, the 95 % range of each accuracy given how many cells it was measured on.

    Parameters
    ----------
    curve
        coverage.csv.
    held_out
        Held-out cells behind a coverage of 1.

    Source: Wilson 1927, score interval.
    """
    n = (curve["coverage"] * held_out).clip(lower=1.0)
    centre = (curve["accuracy"] + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    spread = curve["accuracy"] * (1 - curve["accuracy"]) / n + Z95**2 / (4 * n**2)
    half = Z95 * np.sqrt(spread) / (1 + Z95**2 / n)
    return curve.assign(low=centre - half, high=centre + half)


def reassigned(annotation: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """``annotation`` (annotation.csv) with the column ``assigned`` as ``cut`` has it."""
    return annotation.assign(assigned=annotation["open_set_score"] <= cut.threshold)


def refused(annotation: pd.DataFrame, curve: pd.DataFrame, counts: np.ndarray | None = None) -> pd.DataFrame:
    """The cells without a label, the strangest first, and what speaks against a label.

    Parameters
    ----------
    annotation
        annotation.csv, cells as index.
    curve
        coverage.csv.
    counts
        (n_cells,), raw counts of each cell; None where they are not known.

    Returns
    -------
    Cells x nearest (type), probability, open_set_score, counts and reason: few counts; far from every type; between the
    types of its label set at 95 %; or just beyond the cut-off.
    """
    labelled = annotation["assigned"].to_numpy(bool)
    depth = np.full(len(annotation), np.nan) if counts is None else np.asarray(counts, dtype=float)
    few = np.nanquantile(depth[labelled], FEW) if counts is not None and labelled.any() else -np.inf
    far = cut_at(curve, FAR).threshold
    sets = annotation["label_set_95"].astype(str).str.split("|")
    between = sets.map(lambda names: "Between " + " and ".join(names[:2]) if len(names) > 1 else NEAR)
    reason = np.where(annotation["open_set_score"] > far, FAR_FROM_ALL, between)
    reason = np.where(depth < few, FEW_COUNTS, reason)
    table = pd.DataFrame(
        {
            "nearest": annotation["cell_type"],
            "probability": annotation["probability"],
            "open_set_score": annotation["open_set_score"],
            "counts": depth,
            "reason": reason,
        }
    )
    return table.loc[~labelled, :].sort_values("open_set_score", ascending=False, kind="stable")


def refused_groups(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of ``refused`` put together by nearest type and reason, the largest group first.

    Returns
    -------
    Columns group (Group 1 ...), cells, nearest, probability (mean), reason.
    """
    groups = cells.groupby(["nearest", "reason"], sort=True, observed=True)["probability"].agg(["size", "mean"])
    table = groups.reset_index().rename(columns={"size": "cells", "mean": "probability"})
    table = table.sort_values("cells", ascending=False, kind="stable").reset_index(drop=True)
    table["group"] = [f"Group {number + 1}" for number in range(len(table))]
    return table.loc[:, ["group", "cells", "nearest", "probability", "reason"]]


def type_table(
    annotation: pd.DataFrame, per_type: pd.DataFrame, confusion: pd.DataFrame, *, least: float = 0.01
) -> pd.DataFrame:
    """What is known about each type: how many query cells got it, and how it fared on held-out reference cells.

    Parameters
    ----------
    annotation
        annotation.csv with ``assigned`` as chosen.
    per_type
        per_type.csv: cell_type, precision, recall, f1, support.
    confusion
        confusion.csv: known, called, cells, share.
    least
        Share of a type's cells that must have been called something else to be named.

    Returns
    -------
    Columns cell_type, cells, probability (mean of these), precision, recall, f1, mixed_up_with; by held-out cells, the
    commonest first.
    """
    kept = annotation[annotation["assigned"]].groupby("cell_type", observed=True)["probability"]
    number, mean = kept.size().to_dict(), kept.mean().to_dict()
    wrong = confusion.loc[(confusion["known"] != confusion["called"]) & (confusion["share"] >= least), :]
    wrong = wrong.sort_values("share", ascending=False, kind="stable")
    mixed = {name: ", ".join(part["called"].head(2)) for name, part in wrong.groupby("known")}
    table = per_type.sort_values("support", ascending=False, kind="stable")
    names = table["cell_type"]
    return pd.DataFrame(
        {
            "cell_type": names,
            "cells": [number.get(name, 0) for name in names],
            "probability": [mean.get(name, np.nan) for name in names],
            **{score: table[score] for score in ("precision", "recall", "f1")},
            "mixed_up_with": [mixed.get(name, "none") for name in names],
        }
    ).reset_index(drop=True)
