"""Activity of gene sets in each cell, without a network."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec


class ActivitySpec(Spec):
    """How the activity of gene sets is scored in each cell."""

    method: Literal["ulm", "aucell"] = Field(
        default="ulm",
        title="Score",
        description="ulm: t of a linear model of all genes' expression on membership in the set. aucell: how many "
        "genes of the set are among the cell's highest.",
    )
    min_genes: int = Field(
        default=5, ge=1, title="Genes in the data, at least", description="Smaller sets are left out."
    )
    top_share: float = Field(
        default=5.0,
        gt=0,
        le=100,
        title="Highest genes (%)",
        description="aucell: the share of all genes that counts as a cell's highest.",
    )


class MarkerSetSpec(Spec):
    """How marker sets are made of labels."""

    genes: int = Field(
        default=25, ge=5, le=500, title="Genes of each set", description="The strongest markers of each label."
    )
    least_cells: int = Field(
        default=10, ge=2, title="Cells of a label, at least", description="Labels with fewer cells get no set."
    )
