"""What is said of code units in words: the same on the page and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.figures.set_names import plain_name
from core.interpretation.stability import FOUND, verdict

LEVEL = 0.05


def moved_words(facts: Mapping[str, Any]) -> str:
    """How units were moved: ``rises by 2 standard deviations``."""
    amount = float(facts["amount"])
    return f"{'rises' if facts['direction'] == 'up' else 'falls'} by {amount:g} standard deviation{'s' * (amount != 1)}"


def tested_words(facts: Mapping[str, Any]) -> str:
    """Which genes were tested against which."""
    return f"The unit's {facts['taken']} strongest genes, against the {facts['background']:,} genes of the network."


def suggested_name(terms: pd.DataFrame, column: str = "p_adjusted") -> tuple[str, float] | None:
    """The most certain term of one unit as a name, and its adjusted p; ``None`` where none is beyond chance.

    ``terms``: what `enrichment` says of the unit, the most certain first.
    """
    if not len(terms):
        return None
    first = terms.sort_values(column, kind="stable").iloc[0]
    p = float(first[column])
    return (plain_name(str(first["gene_set"])), p) if p <= LEVEL else None


def stability_words(table: pd.DataFrame, unit: int, comparable: int) -> str:
    """Whether other trainings found a unit again.

    Parameters
    ----------
    table
        From `unit_matches`, of all units.
    unit
        Number of the unit, from 0.
    comparable
        How many other networks there are to compare with.
    """
    if not comparable:
        return (
            "Nothing says yet whether another training finds this unit again: train more networks (training.members), "
            "or run the same recipe with another seed."
        )
    own = table.loc[table["unit"] == f"unit_{unit + 1}"]
    if not len(own):
        return "The other runs have too few genes in common with this one to be compared."
    rows = [(str(row["network"]), float(row["likeness"]), float(row["within"])) for row in own.to_dict("records")]
    verdicts = [verdict(like, within) for _, like, within in rows]
    best, near = max(like for _, like, _ in rows), rows[0][2]
    low = min(like for _, like, _ in rows)
    values = f"r {best:.2f}" if len(rows) == 1 else f"r {low:.2f} to {best:.2f}"
    count = f"{verdicts.count('found')} of {len(rows)} other trainings" if len(rows) > 1 else "the other training"
    if "found" in verdicts:
        return f"**Found again in {count}** ({values}; its nearest neighbour in this network: r {near:.2f})."
    if "alike" in verdicts:
        return (
            f"**Cannot be told from its neighbours**: another training has a unit like it ({values}), but one "
            f"beside it in this network is as close (r {near:.2f})."
        )
    trainings = "the other training" if len(rows) == 1 else f"any of {len(rows)} other trainings"
    return f"**Not found again** in {trainings} ({values}, below {FOUND:g}): it may be chance."


def stable_units(table: pd.DataFrame) -> dict[str, int]:
    """By unit, in how many other trainings it was found again. ``table``: from `unit_matches`."""
    found = dict.fromkeys(map(str, table["unit"]), 0)
    for row in table.to_dict("records"):
        found[str(row["unit"])] += verdict(float(row["likeness"]), float(row["within"])) == "found"
    return found
