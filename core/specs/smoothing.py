"""Smoothing of a query over its own neighbours."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec


class SmoothingSpec(Spec):
    """Each query cell is mixed with the query cells most like it: for gene activities from ATAC data."""

    neighbours: int = Field(
        default=30,
        ge=2,
        le=500,
        title="Cells mixed into each",
        description="Nearest query cells; rare types need fewer.",
    )
    share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        title="The neighbours' share",
        description="Weight of the neighbours' mean against the cell's own values. More drowns rare and related types.",
    )
    space: Literal["lsi", "pca"] = Field(
        default="lsi",
        title="Compared by",
        description="lsi: TF-IDF and latent semantic indexing. pca: principal components of scaled log values.",
    )
    components: int = Field(
        default=20,
        ge=3,
        le=200,
        title="Components",
        description="Coordinates in which cells are compared. More follow noise: neighbours are then of other types.",
    )
