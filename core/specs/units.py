"""What is asked of code units: how they are moved, what their genes have in common, and how a code is checked."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec


class UnitSpec(Spec):
    """Code perturbation, and the terms of the genes that it moves."""

    amount: float = Field(
        default=2.0,
        gt=0,
        le=10,
        title="Standard deviations",
        description="How far each unit is moved in turn, in its own deviations over all cells; 2 as published.",
    )
    direction: Literal["up", "down"] = Field(
        default="up", title="Direction", description="up: the unit rises above the baseline. down: it falls below it."
    )
    baseline: str | None = Field(
        default=None,
        title="Baseline",
        description="The cell type whose mean code is moved; empty for the mean of all cells, as published.",
    )
    top_genes: int = Field(
        default=100,
        ge=5,
        le=5000,
        title="Top genes",
        description="Genes that a unit changes most, in either direction, tested for what they have in common: 100 as "
        "published for 20,184 genes. Never more than one gene in ten, but 20 at least.",
    )
    min_genes: int = Field(
        default=5, ge=1, title="Genes of a set, at least", description="In the network; smaller sets are not tested."
    )
    correction: Literal["benjamini_hochberg", "bonferroni"] = Field(
        default="benjamini_hochberg",
        title="Correction of p",
        description="Which adjusted p must be below 0.05 for a unit and a term to be joined. Both were published.",
    )
    permutations: int = Field(
        default=500,
        ge=100,
        le=100_000,
        title="Permutations",
        description="Of the genes, for the ranked test (GSEA): no p is smaller than one over these.",
    )
    seed: int = Field(default=0, ge=0, title="Seed", description="Of the permutations.")


class CheckSpec(Spec):
    """Checks of a code: clusters, orthogonality and how different its units are."""

    runs: int = Field(default=20, ge=2, le=200, title="k-means runs", description="Each from centres of its own.")
    groups: int | None = Field(
        default=None,
        ge=2,
        le=500,
        title="Groups",
        description="That k-means makes; empty: as many as there are labels.",
    )
    components: int = Field(
        default=30, ge=2, le=200, title="Principal components", description="Of the log-normalised genes."
    )
    cells: int = Field(
        default=20_000, ge=100, title="Cells, at most", description="For k-means; a sample of every type beyond."
    )
    epochs: int = Field(
        default=12, ge=2, le=1000, title="Epochs of the sweep", description="Of each training with another weight."
    )
    weights: tuple[float, ...] = Field(
        default=(1e-3, 1e-2, 1e-1),
        min_length=1,
        title="Weights of the sweep",
        description="Of objective.orthogonality, each beside a training without it.",
    )

    @model_validator(mode="after")
    def _weights_rise(self) -> CheckSpec:
        if min(self.weights) <= 0 or any(high <= low for low, high in pairwise(self.weights)):
            raise SpecError("The weights of the sweep do not rise", list(self.weights), "Give them as 0.001, 0.01, 0.1")
        return self
