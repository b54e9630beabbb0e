"""Health of the code units: which are silent, which are saturated."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SAMPLE = 1024
SILENT_BELOW = 1e-3
NEAR_BOUND = 0.01
SATURATED_SHARE = 0.99


class UnitHealth:
    """Collects the codes of up to 1,024 cells (the first of the validation cells) and judges each unit.

    * silent: its standard deviation over the cells is below a thousandth of the largest one of all units; all units
      are silent where none varies. A measure of variation, as a SoftPlus unit never reaches zero.
    * saturated: its activation has two bounds (sigmoid, tanh), and in 99 % of the cells or more it lies within 1 %
      of their distance from one of them.
    """

    def __init__(self, bounds: tuple[float, float] | None) -> None:
        self.bounds = bounds
        self.codes: list[Tensor] = []
        self.n = 0

    @classmethod
    def of(cls, network: nn.Module) -> UnitHealth:
        """An empty record for the code units of ``network``."""
        return cls(getattr(network, "code_bounds", None))

    @property
    def full(self) -> bool:
        """Whether no more cells are needed."""
        return self.n >= SAMPLE

    def add(self, code: Tensor) -> None:
        """Take in the code (n, units) of a batch."""
        if not self.full:
            self.codes.append(code[: SAMPLE - self.n].detach())
            self.n += len(self.codes[-1])

    def judged(self) -> dict[str, list[int]]:
        """Numbers (from 0) of the silent and the saturated units."""
        if not self.codes:
            return {"silent": [], "saturated": []}
        codes = torch.cat(self.codes).float()
        deviation = codes.std(dim=0, correction=0)
        silent = deviation <= SILENT_BELOW * deviation.max()
        return {"silent": _numbers(silent), "saturated": _numbers(self._saturated(codes))}

    def _saturated(self, codes: Tensor) -> Tensor:
        if self.bounds is None:
            return torch.zeros(codes.shape[1], dtype=torch.bool)
        low, high = self.bounds
        margin = NEAR_BOUND * (high - low)
        stuck = (codes < low + margin) | (codes > high - margin)
        return stuck.float().mean(dim=0) >= SATURATED_SHARE


def _numbers(flags: Tensor) -> list[int]:
    return flags.nonzero().flatten().tolist()
