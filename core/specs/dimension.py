"""One dimension of a search: a setting that varies between trials, and the values it may take."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec
from core.specs.field_paths import fitting, whole_numbers

NEVER = {
    "seed": "A seed is luck, not a setting: repeat the best trial with other seeds instead",
    "name": "A name changes nothing",
    "recipe": "A recipe is many settings: search those",
    "training.validation_share": "It changes the cells that trials are judged by",
    "training.device": "It changes the speed alone",
    "training.devices": "It changes the speed alone",
    "training.threads": "It changes the speed alone",
    "data.quality": "It changes the cells that trials are judged by",
    "data": "Files are not settings to search over",
}
SEARCHED_DATA = "data.transform"


class Dimension(Spec):
    """One setting that varies between trials: a list of choices, or a range of numbers."""

    path: str = Field(title="Setting", description="Path of the setting, such as network.code.units.")
    kind: Literal["choices", "range"] = Field(
        default="range", title="Kind", description="choices: one of a list. range: any number between two ends."
    )
    choices: tuple[Any, ...] = Field(default=(), title="Choices", description="Values to try, for any kind of setting.")
    low: float | None = Field(default=None, title="From", description="Smallest value of a range.")
    high: float | None = Field(default=None, title="To", description="Largest value of a range.")
    step: float | None = Field(
        default=None, gt=0, title="Step", description="Distance between values; empty for any number of the range."
    )
    log: bool = Field(
        default=False, title="By factors", description="Small and large values equally often, as for learning rates."
    )

    @model_validator(mode="after")
    def _fits_its_setting(self) -> Dimension:
        _refuse_never(self.path)
        if self.kind == "choices":
            self._check_choices()
        else:
            self._check_range()
        return self

    @property
    def whole(self) -> bool:
        """Whether the setting is a whole number."""
        return whole_numbers(self.path)

    @property
    def values(self) -> tuple[Any, ...] | None:
        """Every value, in order; ``None`` for a range that holds any number."""
        if self.kind == "choices":
            return self.choices
        step = self.step or (1 if self.whole and not self.log else None)
        if step is None:
            return None
        low, high = self.ends
        count = math.floor((high - low) / step + 1e-9) + 1
        return tuple(self.cast(low + number * step) for number in range(count))

    def cast(self, value: float) -> float | int:
        """``value`` as its setting holds it; rounded, so that steps of 0.1 read as they were typed."""
        return round(value) if self.whole else float(f"{value:.12g}")

    def holds(self, value: Any) -> bool:
        """Whether ``value`` is one that this dimension can take."""
        known = self.values
        if known is not None:
            return value in known
        low, high = self.ends
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    def _check_choices(self) -> None:
        if self.low is not None or self.high is not None or self.step is not None or self.log:
            raise SpecError(f"{self.path} has both choices and a range", None, "Give one of the two")
        if len(self.choices) < 2:
            raise SpecError(f"{self.path} has nothing to choose from", list(self.choices), "Give at least two values")
        if any(self.choices.index(value) != at for at, value in enumerate(self.choices)):
            raise SpecError(f"{self.path} names a choice twice", list(self.choices), "Give each value once")
        for value in self.choices:
            fitting(self.path, value)

    def _check_range(self) -> None:
        if self.choices:
            raise SpecError(f"{self.path} has both choices and a range", None, "Give one of the two")
        low, high = self.ends
        for end in (low, high):
            fitting(self.path, self.cast(end) if float(end).is_integer() or not self.whole else end, number=True)
        if not low < high:
            raise SpecError(f"The range of {self.path} is empty", f"{low:g} to {high:g}", "Begin it below its end")
        if self.log and low <= 0:
            raise SpecError(f"A range by factors cannot begin at {low:g}", self.path, "Begin above 0, or switch it off")
        if self.log and self.step is not None:
            raise SpecError("A range by factors has no step", self.path, "Leave the step out, or list the choices")
        if self.step is not None and self.step > high - low:
            raise SpecError(
                f"The step of {self.path} is wider than its range", self.step, f"Use {high - low:g} or less"
            )
        if self.step is not None and self.whole and not self.step.is_integer():
            raise SpecError(f"{self.path} takes whole numbers", self.step, "Use a whole step")

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value of a range."""
        if self.low is None or self.high is None:
            raise SpecError(f"The range of {self.path} lacks an end", None, "Give low and high, or choices")
        return self.low, self.high


def _refuse_never(path: str) -> None:
    for place, reason in NEVER.items():
        inside = path == place or path.startswith(f"{place}.")
        if inside and not path.startswith(f"{SEARCHED_DATA}."):
            raise SpecError(f"{path} is not searched", None, reason)
