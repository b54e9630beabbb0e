"""Which genes a composition network looks at: how its gradients are taken and judged."""

from __future__ import annotations

from pydantic import Field

from core.specs.base import Spec


class GradientSpec(Spec):
    """Gradients of each type's share over samples of that type alone."""

    reference: int = Field(
        default=1,
        ge=1,
        title="Reference",
        description="Of several references that were each learned from, the one whose networks are asked, by number.",
    )
    profiles: int = Field(
        default=50,
        ge=2,
        le=2000,
        title="Samples of each type",
        description="Simulated samples of one type alone that gradients are averaged over.",
    )
    markers: int = Field(
        default=50,
        ge=5,
        le=1000,
        title="Markers of each type",
        description="That the strongest genes are compared with, at most a tenth of the network's genes.",
    )
    top: int = Field(
        default=15, ge=1, le=100, title="Strongest genes", description="Of each type, as tables and charts show them."
    )
