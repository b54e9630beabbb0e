"""What is put beside predicted labels so that a person can judge them."""

from __future__ import annotations

from pydantic import Field

from core.specs.base import Spec


class EvidenceSpec(Spec):
    """Marker sets, gene attributions and the joint picture of reference and query."""

    markers: int = Field(
        default=100,
        ge=5,
        le=1000,
        title="Markers of each type",
        description="Genes of a marker set, at most a tenth of the genes that both files hold.",
    )
    dot_genes: int = Field(
        default=3, ge=1, le=10, title="Genes in the dot plot", description="Strongest markers of each type shown."
    )
    resolution: float = Field(
        default=1.0, ge=0.05, le=10, title="Cluster resolution", description="Larger: more, smaller query clusters."
    )
    cells: int = Field(
        default=100,
        ge=5,
        le=5000,
        title="Cells of each type",
        description="Reference cells that gene attributions are averaged over.",
    )
    steps: int = Field(
        default=32, ge=4, le=512, title="Steps", description="Of the path from an average cell to the cell itself."
    )
    controls: int = Field(
        default=3, ge=1, le=20, title="Untrained networks", description="Their attributions stand beside the real ones."
    )
    neighbours: int = Field(
        default=30, ge=5, le=200, title="Neighbours", description="Of each cell, to see how the two files mix."
    )
    pictured: int = Field(
        default=5000,
        ge=100,
        le=200_000,
        title="Cells of each file in the picture",
        description="Of larger files a sample is drawn, every type by its share.",
    )
