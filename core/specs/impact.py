"""How pathway impact is measured: which saliency of what, on which cells, and what counts as weak."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.specs.base import Spec


class ImpactSpec(Spec):
    """Pathway impact: how strongly each code unit, or each output of a head, responds to the genes of each set."""

    saliency: Literal["guided", "gradient", "gradient_x_input", "guided_x_input", "integrated", "correlation"] = Field(
        default="guided",
        title="Saliency",
        description="guided: gradients that help the unit only, as in Kinalis et al. x input: times the cell's own "
        "value, so that genes a cell does not express count for nothing. integrated: what each gene adds on the way "
        "from the baseline to the cell. correlation: no gradient, but how each gene's log expression goes along with "
        "the unit over the cells, within each group where groups are compared.",
    )
    target: Literal["code", "classes", "proportions"] = Field(
        default="code",
        title="Impact on",
        description="code: the units of the code. classes: the logit of each cell type. proportions: each type's "
        "share. The last two need a network with that head, and are the mean of all networks of an ensemble.",
    )
    measure: Literal["absolute", "signed"] = Field(
        default="absolute",
        title="Mean over cells of",
        description="absolute: the size of the saliency, as published; impact is then 0 to 1. signed: the saliency "
        "itself, so that genes that lower a unit count against it; impact is then -1 to 1.",
    )
    gene_weights: Literal["none", "relative"] = Field(
        default="none",
        title="Gene weights",
        description="none: as published; genes lead that move every unit, such as rare ones whose weights are large. "
        "relative: each gene's saliency divided by its mean over all units, so that those lead that tell a unit from "
        "the others.",
    )
    integration_steps: int = Field(
        default=32,
        ge=4,
        le=1024,
        title="Steps of the integral",
        description="Integrated gradients: points between baseline and cell. More where the genes' parts do not add "
        "up, which is said under the figure.",
    )
    baseline: Literal["mean", "zero"] = Field(
        default="mean",
        title="Baseline",
        description="Integrated gradients: where the way to a cell begins. mean: the average training cell. zero: an "
        "input of zeros.",
    )
    weak_below: float = Field(
        default=0.2,
        ge=0,
        le=1,
        title="Weak below",
        description="Units whose strongest impact stays below this share of the strongest of all are left out.",
    )
    min_genes: int = Field(
        default=5, ge=1, title="Genes in the data, at least", description="Smaller sets are left out."
    )
    max_cells: int | None = Field(
        default=None,
        ge=10,
        title="Cells, at most",
        description="A sample of every type is faster; empty for all cells.",
    )
    preview_cells: int = Field(
        default=500,
        ge=10,
        title="Cells of a preview",
        description="On the page, impact is first measured on so many cells, a share of each type.",
    )

    @property
    def computed(self) -> dict[str, Any]:
        """The settings that the numbers depend on; the others say how they are looked at."""
        unseen = {"weak_below", "preview_cells"}
        if self.saliency != "integrated":
            unseen |= {"integration_steps", "baseline"}
        return {name: value for name, value in self.model_dump().items() if name not in unseen}

    @property
    def preview(self) -> ImpactSpec:
        """The same on the cells of a preview."""
        most = self.preview_cells if self.max_cells is None else min(self.preview_cells, self.max_cells)
        return self.model_copy(update={"max_cells": most})
