"""What the start-up probe of a run measured: speed and error of each precision, and the machine's peak."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "precision.json"


@dataclass(frozen=True)
class Measured:
    """A probe of one network on one machine.

    Attributes
    ----------
    asked, chosen
        The setting, and the precision that is trained in.
    modes
        For each precision: precision, seconds (of a step), speed (relative to fp32), output_error, gradient_error,
        error (the larger of the two), peak (cells per second of the matrix products alone).
    limit
        Largest error that ``auto`` accepts.
    cells
        Of the batch that was tried.
    device, threads, host
        Where.
    """

    asked: str
    chosen: str
    modes: tuple[Mapping[str, Any], ...]
    limit: float
    cells: int
    device: str
    threads: int
    host: str

    @property
    def peak(self) -> float | None:
        """Cells per second of the matrix products alone in the chosen precision; None where there are none."""
        return next((mode["peak"] or None for mode in self.modes if mode["precision"] == self.chosen), None)

    def share_of_peak(self, cells_per_second: float | None) -> float | None:
        """``cells_per_second`` of training as a part of the peak; None where either is not known."""
        return cells_per_second / self.peak if self.peak and cells_per_second else None


def measured(folder: Path) -> Measured | None:
    """What the probe wrote into ``folder``; None where no probe has been there."""
    path = folder / FILE
    if not path.exists():
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    return Measured(**{**record, "modes": tuple(record["modes"])})
