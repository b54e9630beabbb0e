"""What one training step sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class NonZero:
    """The non-zero values of a matrix that is mostly zero.

    Attributes
    ----------
    position
        (n_non_zero,), int64, place in the row-major matrix: row x n_columns + column; each place at most once.
    value
        (n_non_zero,), float32.
    """

    position: Tensor
    value: Tensor

    def to(self, device: torch.device) -> NonZero:
        """The same values on ``device``."""
        return NonZero(self.position.to(device), self.value.to(device))


@dataclass
class Batch:
    """Some cells (or mixtures) and what is to be learned from them.

    Attributes
    ----------
    x
        (n, n_inputs), float32, the network's input.
    target
        (n, n_inputs), float32, what the reconstruction is compared with; ``None`` for the input itself.
    labels
        (n,), int64, number of the cell type; -1 for a cell without one.
    proportions
        (n, n_classes), float32, rows sum to one.
    nonzero
        The non-zero values of the reconstruction target, where they are known: count losses are then much cheaper.
    """

    x: Tensor
    target: Tensor | None = None
    labels: Tensor | None = None
    proportions: Tensor | None = None
    nonzero: NonZero | None = None

    @property
    def n(self) -> int:
        return self.x.shape[0]

    @property
    def reconstruction_target(self) -> Tensor:
        """(n, n_inputs), what the reconstruction is compared with."""
        return self.x if self.target is None else self.target
