"""Pathway impact in plain words, each number computed from the tables."""

from __future__ import annotations

import pandas as pd

from core.figures.set_names import plain_names
from core.tasks.impact_step import LEVEL, Impact

FINDS_TOO = 3
"""A plain difference that ranks a set third or better finds it too."""
HIGH = 0.9
"""Quantile of the null above which a set counts as high in it."""


def in_words(found: Impact, units: list[str], groups: tuple[str, str] = ("", "")) -> str:
    """What the panels show.

    Parameters
    ----------
    found
        The impact.
    units
        Those on screen.
    groups
        The labels whose difference it is; empty without.
    """
    names = plain_names(map(str, found.impact.index))
    answering = int(found.beyond[units].to_numpy().any(axis=0).sum())
    if groups[1]:
        more = f"respond to a gene set differently in {groups[0]} and {groups[1]}, beyond shuffled genes"
    else:
        more = "answer to a gene set more than shuffled genes do"
    if not len(found.findings):
        sets, all_units = found.impact.shape
        seen = "" if groups[1] else ", as the panel of shuffled genes shows"
        return (
            f"**In plain words.** Nothing is beyond chance: of {sets * all_units:,} pairs of set and unit none "
            f"has an adjusted p of {LEVEL:g} or less (the smallest is {found.p.to_numpy().min():.2g}). Strong colours "
            f"alone are no evidence: genes of like expression drawn at random give about the same{seen}."
        )
    parts = [f"**In plain words.** {answering} of {len(units)} shown units {more}."]
    parts += [_no_network(found.findings, names), "" if groups[1] else _high_in_null(found, names)]
    return " ".join(part for part in parts if part)


def _no_network(findings: pd.DataFrame, names: dict[str, str]) -> str:
    """The strongest finding, and whether a comparison without a network has it as well."""
    known = findings[findings["control_rank"].notna()]
    if not len(known):
        return ""
    first = known.iloc[0]
    rank, name = int(first["control_rank"]), names.get(str(first["gene_set"]), str(first["gene_set"]))
    cells = f"{name} in {first['label']} cells"
    if rank <= FINDS_TOO:
        return f"For {cells} the network adds little: a plain difference of means ranks that set {rank}."
    return f"{cells} is what the network adds: a plain difference of means ranks that set only {rank}."


def _high_in_null(found: Impact, names: dict[str, str]) -> str:
    """The set that is high among shuffled genes and not beyond chance anywhere."""
    level = pd.Series(found.expected.to_numpy().mean(axis=1), found.expected.index)
    high = level.to_numpy() >= level.quantile(HIGH)
    silent = level.loc[high & ~found.beyond.to_numpy().any(axis=1)]
    if not len(silent):
        return ""
    name = str(silent.idxmax())
    return (
        f"{names.get(name, name)} is high among shuffled genes as well ({silent.max():.2f} on average), "
        "so its colour is no evidence."
    )
