"""Settings of the composition of bulk samples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec
from core.specs.gradients import GradientSpec
from core.specs.impact import ImpactSpec


class DeconvolveSpec(Spec):
    """Proportions of cell types in bulk samples."""

    task: Literal["deconvolve"] = "deconvolve"
    design: Literal["digital_sorter", "dirichlet", "scaden"] = Field(
        default="dirichlet",
        title="Mixture design",
        description="digital_sorter: six sets as published. dirichlet: many concentrations, some types absent. "
        "scaden: half of all types, half of a random choice of them.",
    )
    train_on: Literal["mixtures", "cells", "both"] = Field(
        default="mixtures",
        title="Train on",
        description="Mixtures, single training cells as pure samples, or both together.",
    )
    mixtures: int = Field(
        default=10_000, ge=20, le=1_000_000, title="Mixtures", description="Simulated for train and test."
    )
    cells_low: int = Field(
        default=100, ge=1, le=5000, title="Cells per mixture, at least", description="Cells drawn and summed."
    )
    cells_high: int = Field(
        default=100, ge=1, le=5000, title="Cells per mixture, at most", description="Cells drawn and summed."
    )
    sparsity: float = Field(
        default=0.5, ge=0, le=1, title="Exclusion", description="Probability that types are left out."
    )
    prior_ranges: tuple[str, ...] = Field(
        default=(),
        title="Expected ranges",
        description="One per line, such as B cells: 5-15, in per cent. Types left out: half to twice their share.",
    )
    answer: Literal["cells", "reads"] = Field(
        default="cells",
        title="Shares of",
        description="cells: how many cells are of each type. reads: how much of the mRNA comes from them.",
    )
    mrna: Literal["measured", "equal"] = Field(
        default="measured",
        title="mRNA per cell",
        description="measured: cells enter mixtures with the counts they have, so types with more mRNA weigh more. "
        "equal: every cell is scaled to the same total first.",
    )
    mrna_factors: tuple[str, ...] = Field(
        default=(),
        title="mRNA factors",
        description="One per line, such as B cells: 1.5: what the counts of a type are multiplied by in mixtures.",
    )
    unknown: float = Field(
        default=0.0,
        ge=0,
        le=0.95,
        title="Unknown share, at most",
        description="Above 0, half of the mixtures hold cells of made-up types up to this share, and the answer has "
        "a share called Unknown. Needs genes of the bulk alone (features.bulk_alone). Differences of protocol between "
        "reference and bulk look like an unknown type as well.",
    )
    simulate_to: int = Field(
        default=0,
        ge=0,
        le=100_000,
        title="Cells per type, simulated up to",
        description="Types with fewer training cells get simulated ones up to this number; 0 for none.",
    )
    count_model: Literal["zinb", "nb"] = Field(
        default="zinb",
        title="Count model",
        description="Of simulated cells. nb: negative binomial. zinb: with further zeros where they explain a gene.",
    )
    cell_covariates: tuple[str, ...] = Field(
        default=(),
        title="Covariates of simulated cells",
        description="Columns of the reference beside the type that the counts depend on, such as a batch.",
    )
    pseudobulk: Literal["add_raw_count", "add_cpm", "mean_cpm"] = Field(
        default="add_raw_count", title="Pseudo-bulk", description="How the cells of a mixture become one sample."
    )
    train_cells: float = Field(
        default=0.75, gt=0, lt=1, title="Cells for training", description="The rest makes the test mixtures."
    )
    balanced: bool = Field(
        default=True,
        title="Split each type alike",
        description="Divide every type in the same ratio, not all cells at random.",
    )
    train_mixtures: float = Field(
        default=0.75, gt=0, lt=1, title="Mixtures for training", description="The rest tests the network."
    )
    fresh: bool = Field(
        default=False, title="Fresh mixtures", description="New mixtures in each epoch in place of a fixed pool."
    )
    gene_factor_sd: float = Field(
        default=0.0,
        ge=0,
        le=3,
        title="Gene factors",
        description="Standard deviation of random log factors per gene that imitate another protocol.",
    )
    jitter_sd: float = Field(
        default=0.0, ge=0, le=2, title="Sample jitter", description="The same, anew in every mixture."
    )
    gene_drop: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        title="Genes lost, at most",
        description="Share hidden from fresh mixtures, as if not measured.",
    )
    scaling: Literal["learned", "cohort"] = Field(
        default="learned",
        title="Scaling statistics",
        description="learned: from training mixtures. cohort: from the bulk samples themselves, as published.",
    )
    linear_member: bool = Field(
        default=False,
        title="Add a linear model",
        description="Weighted NNLS, with the more say the better it rebuilds a sample; the networks have the rest.",
    )
    each_reference: bool = Field(
        default=False,
        title="Each reference by itself",
        description="Several references: own genes, networks and linear model for each, their answers averaged.",
    )
    intervals: Literal["alike", "by_fit"] = Field(
        default="alike",
        title="Interval width",
        description="alike: one for all samples. by_fit: wider where a sample is rebuilt worse.",
    )
    level: float = Field(
        default=0.9, gt=0, lt=1, title="Interval level", description="Share of true values the interval holds."
    )

    @model_validator(mode="after")
    def _unknown_is_counted(self) -> DeconvolveSpec:
        if self.unknown and self.pseudobulk != "add_raw_count":
            raise SpecError(
                "An unknown part is added as counts",
                f"analysis.pseudobulk {self.pseudobulk}",
                "Set analysis.pseudobulk to add_raw_count, or analysis.unknown to 0",
            )
        if self.unknown and self.answer == "reads":
            raise SpecError(
                "An unknown share counts cells: how many reads a cell of no known type holds is not known",
                "analysis.answer reads",
                "Set analysis.answer to cells, or analysis.unknown to 0",
            )
        return self

    gradients: GradientSpec = Field(default_factory=GradientSpec)
    impact: ImpactSpec = Field(default_factory=lambda: ImpactSpec(target="proportions"), title="Pathway impact")
