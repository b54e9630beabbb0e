"""How the objective is minimised, and on what."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec


class TrainSpec(Spec):
    """Optimiser, schedule, batches, stopping and device."""

    optimiser: Literal["sgd", "nesterov", "adam", "adamw", "rmsprop"] = Field(
        default="adam", title="Optimiser", description="adam suits most networks; sgd and nesterov need a larger rate."
    )
    learning_rate: float = Field(
        default=1e-3, gt=0, le=10, title="Learning rate", description="Size of a step.", json_schema_extra={"log": True}
    )
    momentum: float = Field(default=0.9, ge=0, lt=1, title="Momentum", description="For sgd, nesterov and rmsprop.")
    weight_decay: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="Weight decay",
        description="Shrinks weights at each step.",
        json_schema_extra={"log": True},
    )
    schedule: Literal["constant", "within_epoch", "cosine", "one_cycle", "plateau"] = Field(
        default="constant",
        title="Schedule",
        description="within_epoch: falls to a third inside each epoch and starts again. plateau: halves when stuck.",
    )
    batch_size: int = Field(default=128, ge=1, le=1_000_000, title="Batch size", description="Cells per step.")
    epochs: int = Field(
        default=100, ge=1, le=100_000, title="Epochs, at most", description="Passes over the training cells."
    )
    patience: int | None = Field(
        default=10,
        ge=1,
        title="Patience",
        description="Stop after this many epochs without a better value; empty: never.",
    )
    monitor: str = Field(
        default="loss",
        title="Watch",
        description="Validation value that decides: loss, any loss term, accuracy or macro_f1.",
    )
    restore_best: bool = Field(
        default=True, title="Keep the best epoch", description="Return to the best epoch's weights."
    )
    validation_share: float = Field(
        default=0.1,
        ge=0,
        le=0.5,
        title="Kept for validation",
        description="Share of cells never trained on; 0 for none.",
    )
    clip_norm: float | None = Field(
        default=None, gt=0, title="Clip gradients at", description="Largest gradient length; empty for no limit."
    )
    members: int = Field(
        default=1, ge=1, le=20, title="Networks", description="Networks trained from different starts."
    )
    precision: Literal["fp32", "medium", "bf16"] = Field(
        default="fp32",
        title="Precision",
        description="medium and bf16 are faster where the processor has them, less exact.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto", title="Device", description="auto: a GPU if present."
    )
    threads: int = Field(default=1, ge=1, le=256, title="Threads", description="CPU threads for matrix products.")
