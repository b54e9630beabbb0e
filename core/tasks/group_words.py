"""What a comparison of groups found, in sentences."""

from __future__ import annotations

import pandas as pd

from core.composition.arrangement import FEWEST, FEWEST_NUMBERS, Arrangement
from core.composition.groups import ALPHA, Comparison
from core.composition.rank_tests import EXACT_GROUP, EXACT_PAIRS, smallest_p
from core.data.wording import counted, listed
from core.specs.groups import GroupSpec

NAMED = 3
"""Findings that are named one by one."""
FEW_DRAWS = 0.8
CAUTION = (
    "**Read with care.** Shares are estimates, and their errors have much in common: a difference between the groups "
    "in technical quality, such as protocol, depth or damaged cells, looks like one in composition."
)


def finding_words(found: Comparison, spec: GroupSpec) -> str:
    """What was found: which types differ, by how much, and how far that holds."""
    if not found.tested:
        return f"**Nothing was tested.** {_too_few(found.arrangement, spec)}"
    tests = found.tests.dropna(subset=["p"])
    sure = tests.loc[tests["adjusted_p"] < ALPHA, :].sort_values("adjusted_p", kind="stable")
    if sure.empty:
        verb = "goes with" if found.kind == "number" else "differs by"
        words = (
            f"**No cell type {verb} {spec.column}** beyond chance: of {counted(len(tests), 'type')} none has an "
            f"adjusted p below {ALPHA:g}."
        )
        return f"{words} {_power(found.arrangement)}".strip()
    said = [_one(row, found, spec) for _, row in sure.head(NAMED).iterrows()]
    words = "; ".join(said)
    if len(sure) > NAMED:
        words += f"; and {len(sure) - NAMED} more of {counted(len(tests), 'type')}"
    words += "."
    if bool((sure["holds"] < FEW_DRAWS).any()):
        words += " What holds in few draws may be due to the uncertainty of the shares."
    return words


def arrangement_words(found: Comparison, spec: GroupSpec) -> str:
    """Which samples were compared, and which were not; empty where all were."""
    arrangement, words = found.arrangement, []
    small = [f"{group} ({size})" for group, size in arrangement.sizes.items() if group not in arrangement.large]
    if small and arrangement.enough:
        is_are = "is" if len(small) == 1 else "are"
        words.append(f"{listed(small)} {is_are} shown but not tested: fewer than {FEWEST} samples.")
    if arrangement.left_out:
        without = "a partner or a value" if arrangement.kind == "paired" else f"a value of {spec.column}"
        words.append(f"{counted(arrangement.left_out, 'sample')} without {without} left out.")
    if spec.scale == "log_ratios":
        words.append("Shares below 0.1 % count as 0.1 %.")
    return " ".join(words)


def _one(row: pd.Series, found: Comparison, spec: GroupSpec) -> str:
    name, p = f"**{row['cell_type']}**", f"adjusted p {row['adjusted_p']:.2g}"
    holds = f", in {100 * row['holds']:.0f} % of the draws" if row["draws"] else ""
    if found.kind == "number":
        verb = "rises" if row["effect"] > 0 else "falls"
        return f"{name} {verb} with {spec.column} (rho {row['effect']:.2f}, {p}{holds})".replace("-", "−")
    if found.kind == "several":
        return f"{name} differs by {spec.column} (epsilon² {row['effect']:.2f}, {p}{holds})"
    groups = found.arrangement.groups if found.kind == "paired" else found.arrangement.large
    word = "higher" if row["effect"] > 0 else "lower"
    by = f"{abs(row['difference']):.2f}" if spec.scale == "log_ratios" else f"{_points(abs(row['difference']))} points"
    return f"{name} is {word} in {groups[1]} than in {groups[0]} (by {by}, {p}{holds})"


def _points(share: float) -> str:
    return f"{100 * share:.1f}" if share >= 0.001 else f"{100 * share:.1g}"


def _too_few(arrangement: Arrangement, spec: GroupSpec) -> str:
    if arrangement.kind == "number":
        return f"{len(arrangement.values)} samples have a value of {spec.column}; {FEWEST_NUMBERS} are needed."
    if arrangement.kind == "paired":
        return f"There are {counted(arrangement.n_pairs, 'pair')}; {FEWEST} are needed."
    if len(arrangement.large) < 2:
        sizes = listed(f"{group} ({size})" for group, size in arrangement.sizes.items())
        return f"A test needs two groups of {FEWEST} samples or more. The groups are {sizes}."
    return "No type varies between the samples."


def _power(arrangement: Arrangement) -> str:
    """That so few samples cannot show anything, where that is so."""
    if arrangement.kind == "two":
        n, m = (arrangement.sizes[group] for group in arrangement.large)
        if min(n, m) > EXACT_GROUP:
            return ""
        least, whom = smallest_p(n, m), f"{n} and {m} samples"
    elif arrangement.kind == "paired" and arrangement.n_pairs <= EXACT_PAIRS:
        least, whom = smallest_p(arrangement.n_pairs), counted(arrangement.n_pairs, "pair")
    else:
        return ""
    if least < ALPHA:
        return ""
    return f"With {whom} no p of this test can be below {least:.2g}: more samples are needed to tell."
