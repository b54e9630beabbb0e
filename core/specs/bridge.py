"""How labels cross a bridge of multiome cells."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec


class BridgeSpec(Spec):
    """How the bridge's cells get their labels from their RNA before their peaks teach them to a query of peaks."""

    recipe: Literal["annotator", "deepscore"] = Field(
        default="annotator",
        title="RNA classifier",
        description="Recipe that labels the bridge's cells by their RNA: its genes, network and training.",
    )
    least_probability: float = Field(
        default=0.5,
        ge=0,
        le=1,
        title="Probability of a bridge cell, at least",
        description="Bridge cells labelled less surely, and those unlike the reference, teach the peaks nothing.",
    )
    least_cells: int = Field(
        default=5,
        ge=2,
        title="Bridge cells per type, at least",
        description="Types that fewer bridge cells show cannot be learned by their peaks and are left out.",
    )
