"""Pathway impact in plain words, each number computed from the tables."""

from __future__ import annotations

import pandas as pd

from core.figures.set_names import plain_names
from core.tasks.impact_names import title
from core.tasks.impact_step import LEVEL, Impact

FINDS_TOO = 3
"""A plain difference that ranks a set third or better finds it too."""
HIGH = 0.9
"""Quantile of the null above which a set counts as high in it."""
GAP = 0.02
"""Share of an output's change that the genes' parts may miss without a warning."""
SALIENCY = {
    "guided": "Guided saliency",
    "gradient": "Gradients",
    "gradient_x_input": "Gradients times input",
    "guided_x_input": "Guided saliency times input",
    "integrated": "Integrated gradients",
    "correlation": "Correlation of genes with the value",
}
CORRELATED = (
    "Genes of a set often go along with each other, which shuffling undoes: p is too small here, and an untrained "
    "network has units beyond chance as well. What counts is whether units differ."
)
TARGETS = {"code": "unit", "classes": "type's logit", "proportions": "type's share"}


def in_words(found: Impact, units: list[str]) -> str:
    """What the panels show, and what they do not.

    Parameters
    ----------
    found
        The impact.
    units
        Those on screen.
    """
    names = plain_names(map(str, found.impact.index))
    if not len(found.findings):
        return " ".join(filter(None, (_nothing(found), _untrained(found))))
    answering = int(found.beyond[units].to_numpy().any(axis=0).sum())
    parts = [f"**In plain words.** {_answering(found, answering, len(units))}."]
    if found.units is not None:
        parts.append(_found_too(found.findings))
    parts.append(_no_network(found.findings, names))
    parts.append("" if found.around_zero else _high_in_null(found, names))
    parts.append(_untrained(found))
    parts.append(CORRELATED if found.facts.get("saliency") == "correlation" else "")
    return " ".join(part for part in parts if part)


def measured_words(found: Impact) -> str:
    """On which cells it was measured, and how; empty for a run that did not write it down."""
    facts = found.facts
    if "of_cells" not in facts:
        return ""
    what = "simulated samples" if facts.get("simulated") else "cells"
    cells, every = int(facts["cells"]), int(facts["of_cells"])
    if found.preview:
        groups = "of each type" if not facts["second"] or found.units is not None else "of both groups"
        on = f"Preview on {cells:,} of {every:,} {what}, a share {groups}"
    else:
        first, alone = title(facts["first"]), " alone" if facts.get("simulated") else ""
        on = f"All {every:,} {what}" + (f" of {first}{alone}" if first and not facts["second"] else "")
    mean = "mean of its size" if facts["measure"] == "absolute" else "mean with its sign"
    mean = mean.removeprefix("mean ") if facts["saliency"] == "correlation" else mean
    how = f"{SALIENCY[facts['saliency']]} of each {TARGETS[facts['target']]}, {mean}"
    how += f", over {facts['networks']} networks" if facts["networks"] > 1 else ""
    return f"{on}. {how}.{_integral(found)}"


def _integral(found: Impact) -> str:
    facts = found.facts
    if facts["saliency"] != "integrated":
        return ""
    start = "the average training cell" if facts["baseline"] == "mean" else "an input of zeros"
    gap = float(facts["gap"])
    near = f" From {start}; genes' parts add up to the change within {max(100 * gap, 0.1):.1f} %"
    return f"{near}." if gap <= GAP else f"{near}: give the integral more steps."


def _answering(found: Impact, answering: int, shown: int) -> str:
    first, second = found.facts.get("first", ""), found.facts.get("second", "")
    if found.units is not None:
        return (
            f"In {answering} of {shown} shown cell types some {_one(found)} responds to a gene set more than in the "
            "rest, beyond shuffled genes"
        )
    many = "units" if _one(found) == "unit" else "types"
    if second:
        more = f"respond to a gene set differently in {title(first)} and {title(second)}, beyond shuffled genes"
    elif found.around_zero:
        more = "are raised or lowered by a gene set more than by shuffled genes"
    else:
        more = "answer to a gene set more than shuffled genes do"
    return f"{answering} of {shown} shown {many} {more}"


def _one(found: Impact) -> str:
    return "unit" if found.facts.get("target", "code") == "code" else "output"


def _nothing(found: Impact) -> str:
    sets, columns = found.impact.shape
    what = "set and cell type" if found.units is not None else "set and unit"
    alone = not found.facts.get("second")
    seen = ", as the panel of shuffled genes shows" if alone or found.units is not None else ""
    return (
        f"**In plain words.** Nothing is beyond chance: of {sets * columns:,} pairs of {what} none "
        f"has an adjusted p of {LEVEL:g} or less (the smallest is {found.p.to_numpy().min():.2g}). Strong colours "
        f"alone are no evidence: genes of like expression drawn at random give about the same{seen}."
    )


def _untrained(found: Impact) -> str:
    """Whether units differ more than those of a network that learned nothing; empty where none was asked."""
    blank, facts = found.facts.get("untrained"), found.facts
    if not blank:
        return ""
    apart = facts["likeness"] < blank["likeness"] and facts["winners_by_z"] > blank["winners_by_z"]
    both = f"likeness {facts['likeness']:.2f} and {facts['winners_by_z']} winning sets by z"
    other = f"{blank['likeness']:.2f} and {blank['winners_by_z']}"
    if apart:
        return f"Learning set the units apart: {both}, against {other} in an untrained network."
    differ = f"An untrained network's units differ at least as much ({both} here, {other} there)"
    return f"{differ}: that is no sign of learning."


def _found_too(findings: pd.DataFrame) -> str:
    """How many findings a comparison of means has among its first."""
    known = findings["control_rank"].dropna().astype(int)
    too = int((known <= FINDS_TOO).sum())
    return (
        f"A plain difference of means ranks the set third or better in {too} of {len(known)} findings." if too else ""
    )


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
