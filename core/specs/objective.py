"""What training minimises: heads with their losses and weights, and penalties."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec
from core.specs.network import LayerSpec


class ReconstructionSpec(Spec):
    """Rebuild the genes from the code."""

    loss: Literal["mse", "mae", "huber", "poisson", "negative_binomial"] = Field(
        default="mse",
        title="Loss",
        description="poisson and negative_binomial are for raw counts, the others for log values.",
    )
    weight: float = Field(default=1.0, ge=0, le=1000, title="Weight", description="Its share in the total loss.")


class ClassSpec(Spec):
    """Tell cell types apart."""

    weight: float = Field(default=1.0, ge=0, le=1000, title="Weight", description="Its share in the total loss.")
    label_smoothing: float = Field(
        default=0.0, ge=0, le=0.5, title="Label smoothing", description="Share of certainty taken from the given label."
    )
    class_weights: Literal["none", "sqrt", "balanced"] = Field(
        default="none", title="Rare types count", description="sqrt, balanced: rare types weigh more, mildly or fully."
    )
    hidden: tuple[LayerSpec, ...] = Field(
        default=(), title="Head layers", description="Layers between code and cell types."
    )


class ProportionSpec(Spec):
    """Predict the proportion of each cell type in a mixture."""

    loss: Literal["kl", "mse", "mae", "kl_mae"] = Field(
        default="kl",
        title="Loss",
        description="kl: Kullback-Leibler divergence of the true from the predicted proportions.",
    )
    weight: float = Field(default=1.0, ge=0, le=1000, title="Weight", description="Its share in the total loss.")
    batch_norm: bool = Field(
        default=False,
        title="Batch norm before softmax",
        description="As digitalDLSorteR has it; no single-sample training.",
    )


class ObjectiveSpec(Spec):
    """All heads and penalties; the total loss is their weighted sum."""

    reconstruction: ReconstructionSpec | None = Field(default=None, title="Rebuild the genes")
    classes: ClassSpec | None = Field(default=None, title="Tell cell types apart")
    proportions: ProportionSpec | None = Field(default=None, title="Predict proportions")
    orthogonality: float = Field(
        default=0.0,
        ge=0,
        le=100,
        title="Keep code units apart",
        description="Weight of ||I - W W'|| (Frobenius) on the code layer's weights W, units x inputs.",
        json_schema_extra={"log": True},
    )
    decorrelation: float = Field(
        default=0.0,
        ge=0,
        le=100,
        title="Decorrelate the code",
        description="Weight of the mean squared correlation of units.",
        json_schema_extra={"log": True},
    )
    l1: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="L1",
        description="Weight of the sum of absolute layer weights.",
        json_schema_extra={"log": True},
    )
    l2: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="L2",
        description="Weight of the sum of squared layer weights.",
        json_schema_extra={"log": True},
    )

    @model_validator(mode="after")
    def _has_head(self) -> ObjectiveSpec:
        if not (self.reconstruction or self.classes or self.proportions):
            raise SpecError("The network has nothing to learn", None, "Switch on at least one head")
        return self

    @property
    def terms(self) -> dict[str, float]:
        """Each term of the loss that is switched on, with its weight in the total."""
        heads = {name: getattr(self, name) for name in ("reconstruction", "classes", "proportions")}
        on = {name: head.weight for name, head in heads.items() if head is not None}
        factors = {name: getattr(self, name) for name in ("orthogonality", "decorrelation", "l1", "l2")}
        return on | {name: factor for name, factor in factors.items() if factor > 0}

    @property
    def watched(self) -> tuple[str, ...]:
        """Every value of an epoch that a run with these heads can watch."""
        names = ["loss", *self.terms]
        names += ["accuracy", "macro_f1"] if self.classes else []
        names += ["proportion_mae", "proportion_ccc"] if self.proportions else []
        return tuple(names)
