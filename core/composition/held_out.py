"""What a model says of simulated mixtures whose cells it never saw, kept in the model file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.composition.agreement import long_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class HeldOut:
    """Mixtures of test cells, with their truth.

    Attributes
    ----------
    proportions, predicted
        (n_mixtures, n_types), true and found.
    inside
        Share of the true values that lie within their intervals.
    """

    proportions: np.ndarray
    predicted: np.ndarray
    inside: float

    def __len__(self) -> int:
        return len(self.proportions)

    def table(self, labels: Sequence[str], place: str = "") -> pd.DataFrame:
        """The long table of ``agreement.long_table``; ``place`` goes before the names of the mixtures."""
        names = [f"{place} mixture {number + 1}".lstrip() for number in range(len(self))]
        rows, columns = pd.Index(names, name="sample"), pd.Index(labels)
        return long_table(
            pd.DataFrame(self.proportions, index=rows, columns=columns),
            pd.DataFrame(self.predicted, index=rows, columns=columns),
        )

    def to_dict(self) -> dict[str, np.ndarray]:
        """The arrays by name, for the model file."""
        return {"proportions": self.proportions, "predicted": self.predicted, "inside": np.array([self.inside])}

    @classmethod
    def from_dict(cls, values: Mapping[str, np.ndarray]) -> HeldOut:
        """What `to_dict` wrote."""
        return cls(np.asarray(values["proportions"]), np.asarray(values["predicted"]), float(values["inside"][0]))
