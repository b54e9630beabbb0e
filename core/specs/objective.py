"""What training minimises: heads with their losses and weights, and penalties."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec
from core.specs.network import LayerSpec

COUNT_LOSSES = ("poisson", "negative_binomial", "zero_inflated_negative_binomial")
"""Losses that compare expected counts with counts."""


HIGHER_IS_BETTER = frozenset({"accuracy", "macro_f1", "proportion_ccc"})
"""Watched values that grow as a network gets better; all others fall."""


class ReconstructionSpec(Spec):
    """Rebuild the genes from the code."""

    loss: Literal["mse", "mae", "huber", "poisson", "negative_binomial", "zero_inflated_negative_binomial"] = Field(
        default="mse",
        title="Loss",
        description="poisson and the negative binomials are for raw counts, the others for log values. zero inflated: "
        "each gene may also be missed, with a chance that the network learns.",
    )
    weight: float = Field(default=1.0, ge=0, le=1000, title="Weight", description="Its share in the total loss.")

    @property
    def counts(self) -> bool:
        """Whether the loss is one of counts."""
        return self.loss in COUNT_LOSSES

    @property
    def dispersed(self) -> bool:
        """Whether each gene has a dispersion of its own."""
        return self.loss.endswith("negative_binomial")

    @property
    def zero_inflated(self) -> bool:
        """Whether each gene has a chance of being missed."""
        return self.loss.startswith("zero_inflated")


class VariationalSpec(Spec):
    """A code that is a normal distribution for each cell; its divergence from a standard normal is the term ``kl``."""

    weight: float = Field(
        default=1.0,
        ge=0,
        le=1000,
        title="KL weight",
        description="Weight of the code's Kullback-Leibler divergence per gene; 1 is the evidence lower bound.",
    )
    warm_up: int = Field(
        default=20,
        ge=0,
        le=100_000,
        title="Warm-up epochs",
        description="Epochs over which the weight rises from 0, so that the code is used before it is restrained.",
    )


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
    variational: VariationalSpec | None = Field(
        default=None,
        title="Variational code",
        description="Each cell's code is a distribution, drawn from in training; its mean is the code of all results.",
    )
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
        if self.variational and not self.reconstruction:
            raise SpecError(
                "A variational code is learned by rebuilding the genes", None, "Switch on objective.reconstruction"
            )
        return self

    @property
    def terms(self) -> dict[str, float]:
        """Each term of the loss that is switched on, with its weight in the total."""
        heads = {name: getattr(self, name) for name in ("reconstruction", "classes", "proportions")}
        on = {name: head.weight for name, head in heads.items() if head is not None}
        on |= {"kl": self.variational.weight} if self.variational else {}
        factors = {name: getattr(self, name) for name in ("orthogonality", "decorrelation", "l1", "l2")}
        return on | {name: factor for name, factor in factors.items() if factor > 0}

    @property
    def watched(self) -> tuple[str, ...]:
        """Every value of an epoch that a run with these heads can watch."""
        names = ["loss", *self.terms]
        names += ["accuracy", "macro_f1"] if self.classes else []
        names += ["proportion_mae", "proportion_ccc"] if self.proportions else []
        return tuple(names)
