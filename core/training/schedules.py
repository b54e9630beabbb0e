"""Learning rate schedules, as a factor on the learning rate."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.specs import TrainSpec

ONE_CYCLE_RISE = 0.3
ONE_CYCLE_START = 1 / 25
ONE_CYCLE_END = 1 / 250_000
STUCK_EPOCHS = 5


class Schedule:
    """The learning rate of each step.

    * constant: the learning rate itself.
    * within_epoch: falls geometrically from the rate to a third of it inside each epoch, then starts again
      (Cell Identity Codes).
    * cosine: falls along half a cosine to zero over all epochs.
    * one_cycle: rises from 1/25 of the rate in the first 30 % of all steps, then falls to 1/250,000 of it, both
      along half a cosine.
    * plateau: halves after some epochs without a better value: half the patience, or 5 where there is none.

    Attributes
    ----------
    halvings
        Times that plateau has halved the rate.
    stuck
        Epochs since the last better value or halving.
    """

    def __init__(self, spec: TrainSpec, halvings: int = 0, stuck: int = 0) -> None:
        self.spec = spec
        self.halvings, self.stuck = halvings, stuck

    def rate(self, epoch: int, step: int, steps: int) -> float:
        """The learning rate of step ``step`` of ``steps`` (from 0) in epoch ``epoch`` (from 1)."""
        step = min(step, steps - 1)
        return self.spec.learning_rate * self._factor((epoch - 1) * steps + step, step, steps)

    def after_epoch(self, better: bool) -> None:
        """Take note of whether the epoch brought a better value."""
        self.stuck = 0 if better else self.stuck + 1
        limit = STUCK_EPOCHS if self.spec.patience is None else max(1, self.spec.patience // 2)
        if self.spec.schedule == "plateau" and self.stuck >= limit:
            self.halvings, self.stuck = self.halvings + 1, 0

    def _factor(self, done: int, step: int, steps: int) -> float:
        last = self.spec.epochs * steps - 1
        match self.spec.schedule:
            case "constant":
                return 1.0
            case "within_epoch":
                return 3.0 ** -(step / max(1, steps - 1))
            case "cosine":
                return _between(1.0, 0.0, done / (last + 1))
            case "one_cycle":
                peak = ONE_CYCLE_RISE * (last + 1) - 1
                if done <= peak:
                    return _between(ONE_CYCLE_START, 1.0, done / peak if peak > 0 else 1.0)
                return _between(1.0, ONE_CYCLE_END, min(1.0, (done - peak) / max(1.0, last - peak)))
            case "plateau":
                return 0.5**self.halvings


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2
