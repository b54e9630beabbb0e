"""A model file that a run uses in place of training, and the settings that it leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from core.specs.base import Spec

SETTABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"annotate": ("analysis.voting", "analysis.embedding"), "deconvolve": ("analysis.scaling",)}
)
"""Settings that a trained model leaves open, by its task: what was learned does not depend on them."""


class ModelSourceSpec(Spec):
    """A trained model that does its work without a reference."""

    path: str = Field(
        title="Model file", description="A model.safetensors of a run that labels cells or takes bulk samples apart."
    )
    fingerprint: str = Field(
        default="", title="Fingerprint", description="Hash of the file's content when it was chosen."
    )
