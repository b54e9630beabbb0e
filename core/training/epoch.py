"""The record of one epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """What one epoch brought.

    Attributes
    ----------
    number
        From 1.
    train, validation
        Each value by name: loss, the loss terms before weighting, accuracy, macro_f1, proportion_mae,
        proportion_ccc. Those of training are means over the epoch's steps, with dropout on; ``validation`` is empty
        where no cells are kept back.
    seconds
        Wall time of training and validation.
    cells_per_second
        Cells trained on per second of wall time, validation left out.
    learning_rate
        At the last step.
    gradient_norm
        Mean length of the gradient over up to eight steps of the epoch (all steps where gradients are clipped; the
        length before clipping).
    units
        Numbers of the silent and the saturated code units (``units.UnitHealth``).
    best
        Whether the watched value is the best so far.
    waited
        Epochs since the best one.
    notes
        What else happened, as sentences.
    """

    number: int
    train: dict[str, float]
    validation: dict[str, float]
    seconds: float
    cells_per_second: float
    learning_rate: float
    gradient_norm: float
    units: dict[str, list[int]]
    best: bool
    waited: int
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values, ready for ``json.dumps``."""
        return asdict(self)
