"""When to stop: no better value for some epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.errors import RunError, SpecError
from core.specs.objective import HIGHER_IS_BETTER


@dataclass
class Stopping:
    """The best value so far of what the run watches.

    Attributes
    ----------
    monitor
        Name of the watched value.
    patience
        Epochs without a better value after which training stops; ``None`` for never.
    best, best_epoch
        The best value and its epoch; ``None`` and 0 before the first.
    waited
        Epochs since the best one.
    """

    monitor: str
    patience: int | None
    best: float | None = None
    best_epoch: int = 0
    waited: int = 0

    def better(self, value: float, epoch: int) -> bool:
        """Whether ``value`` is the best so far; takes note of it.

        Raises
        ------
        RunError
            If it is not a number.
        """
        if math.isnan(value):
            raise RunError(
                f"The watched value {self.monitor} is no longer a number in epoch {epoch}",
                value,
                "Lower the learning rate, or look for extreme values in the validation cells",
            )
        higher = self.monitor in HIGHER_IS_BETTER
        if self.best is None or (value > self.best if higher else value < self.best):
            self.best, self.best_epoch, self.waited = value, epoch, 0
            return True
        self.waited += 1
        return False

    @property
    def exhausted(self) -> bool:
        return self.patience is not None and self.waited >= self.patience


def check_monitor(monitor: str, names: list[str]) -> None:
    """See that ``monitor`` is one of the values ``names`` that this training reports.

    Raises
    ------
    SpecError
        If it is not: its head or penalty is switched off.
    """
    if monitor not in names:
        raise SpecError(
            f"Training cannot watch {monitor}: the network has no such value",
            monitor,
            f"Set training.monitor to one of: {', '.join(names)}",
        )
