"""A model file that a run uses in place of training, and the settings that it leaves open."""

from __future__ import annotations

from pydantic import Field

from core.specs.base import Spec

SETTABLE = ("analysis.voting", "analysis.embedding")
"""Settings that a trained model leaves open: what was learned does not depend on them."""


class ModelSourceSpec(Spec):
    """A trained model that labels the query without a reference."""

    path: str = Field(title="Model file", description="A model.safetensors of a run that labels cells.")
    fingerprint: str = Field(
        default="", title="Fingerprint", description="Hash of the file's content when it was chosen."
    )
