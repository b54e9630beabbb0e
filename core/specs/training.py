"""How the objective is minimised, and on what."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from core.errors import SpecError
from core.specs.base import Spec

ALL = "all"


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
    precision: Literal["fp32", "medium", "bf16", "auto"] = Field(
        default="fp32",
        title="Precision",
        description="medium and bf16 are faster where the processor has them, less exact. auto: measured at the start.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto", title="Device", description="auto: a GPU if present."
    )
    devices: int | None = Field(
        default=1,
        ge=1,
        le=64,
        title="Devices",
        description="Graphics cards, or processes on the CPU, that share each batch: the results are those of one. "
        "Worth it for large batches. Empty: all there are.",
    )
    threads: int = Field(
        default=1, ge=1, le=256, title="Threads", description="CPU threads for matrix products, of each device."
    )
    replay_frames: int = Field(
        default=60,
        ge=0,
        le=200,
        title="Frames of the replay, at most",
        description="Codes of a fixed sample of cells kept while training, for a replay; 0 for none.",
    )

    @field_validator("devices", mode="before")
    @classmethod
    def _all_devices(cls, value: Any) -> Any:
        """``all`` as a person types it; kept as the empty value that the form has for it."""
        return None if value == ALL else value

    @model_validator(mode="after")
    def _momentum_is_there(self) -> TrainSpec:
        if self.optimiser == "nesterov" and self.momentum == 0:
            raise SpecError("Nesterov's gradient needs momentum", 0.0, "Set training.momentum to 0.9, or use sgd")
        return self

    @model_validator(mode="after")
    def _devices_can_share(self) -> TrainSpec:
        if self.devices == 1:
            return self
        if self.device == "mps":
            raise SpecError(
                "Apple's GPU cannot be joined with other devices",
                "all" if self.devices is None else self.devices,
                "Set training.devices to 1, or training.device to cpu",
            )
        if self.devices is not None and self.batch_size < self.devices:
            raise SpecError(
                f"A batch of {self.batch_size} cells cannot be shared by {self.devices} devices",
                self.batch_size,
                "Use a larger training.batch_size or fewer training.devices",
            )
        return self
