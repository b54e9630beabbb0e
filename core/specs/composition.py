"""Settings of the composition of bulk samples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec
from core.specs.gradients import GradientSpec


class DeconvolveSpec(Spec):
    """Proportions of cell types in bulk samples."""

    task: Literal["deconvolve"] = "deconvolve"
    design: Literal["digital_sorter", "dirichlet"] = Field(
        default="dirichlet",
        title="Mixture design",
        description="digital_sorter: six sets as published. dirichlet: many concentrations, some types absent.",
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
        description="Weighted NNLS votes by how well it rebuilds each sample.",
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
    gradients: GradientSpec = Field(default_factory=GradientSpec)
