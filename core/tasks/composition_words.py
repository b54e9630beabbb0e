"""What the genes behind a composition say, in sentences with the run's own numbers."""

from __future__ import annotations

import pandas as pd

from core.tasks.composition_genes import CLASS, LOSS, MIXED, Gradients
from core.tasks.composition_top import LEVEL

ANSWER_WORDS = {
    MIXED: "Share, all types mixed",
    CLASS: "Share, one type alone (published)",
    LOSS: "Loss, one type alone (published)",
}
SIGN_WORDS = {"absolute": "Absolute", "positive": "Positive", "negative": "Negative"}
UNITS = {
    "zscore": "per standard deviation over training mixtures",
    "minmax": "per range over training mixtures",
    "sample_minmax": "per range of the sample",
    "centre": "per unit of a gene's logarithm",
    "none": "per unit of a gene's input",
}


def unit_words(kept: Gradients) -> str:
    """What a gradient is per unit of."""
    return UNITS[str(kept.facts["scale"])]


def markers_words(table: pd.DataFrame, answer: str) -> str:
    """How many types' strongest genes are markers more often than chance would have it."""
    beyond = int((table["adjusted_p"] <= LEVEL).sum())
    genes, found, expected = (int(table[name].sum()) for name in ("genes", "found", "expected"))
    does = "lower the loss" if answer == LOSS else "raise the share"
    return (
        f"Of the {genes:,} genes that {does} of a type most, {found:,} are among its markers; random genes would be "
        f"{expected:,}. Beyond chance in {beyond} of {len(table)} types."
    )


def networks_words(kept: Gradients, table: pd.DataFrame) -> str:
    """How far the networks name the same genes."""
    n = int(kept.facts["networks"])
    if n == 1:
        return "One network: whether another start would name the same genes is not known. Train several members."
    return (
        f"Two of the {n} networks have {100 * table['common'].mean():.0f} % of these genes in common, random ones "
        f"{100 * table['common_expected'].mean():.0f} %."
    )


def reading_words(kept: Gradients, answer: str) -> str:
    """How to read gradients, and what they do not say."""
    last = (
        "Compare genes within a type, not types."
        if answer == MIXED
        else "In samples of one type alone networks are all but certain: gradients are tiny and their order may be "
        "chance."
    )
    return (
        f"**How to read this.** How much the answer for a type changes with one gene, {unit_words(kept)}, all others "
        f"as they are. It does not say that a gene is high in the type, nor what makes it. {last}"
    )


def reference_words(kept: Gradients) -> str:
    """Which reference is shown, and what the samples are made of."""
    facts = kept.facts
    which = f"{facts['reference']}, number {facts['number']} of {facts['references']} references"
    which = which if facts["references"] > 1 else ""
    which = which or str(facts["reference"]) or "the model file"
    made = (
        f"{facts['profiles']:,} samples of {facts['cells_per_profile']:,} held-out cells for each type"
        if facts["source"] == "cells"
        else f"{facts['profiles']:,} samples for each type drawn from its mean profile: the cells are not at hand"
    )
    linear = ", without the linear model beside the networks" if facts["linear"] else ""
    return f"Shown for {which}: {facts['genes']:,} genes, {made}{linear}."
