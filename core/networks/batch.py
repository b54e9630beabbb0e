"""What one training step sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


LINEAR = "linear_reconstruction"
"""Output of a network in training, in place of its reconstruction; see ``network.Network``."""


@dataclass(frozen=True)
class NonZero:
    """The non-zero values of a matrix that is mostly zero.

    Attributes
    ----------
    position
        (n_non_zero,), int64, place in the row-major matrix: row x n_columns + column; each place at most once.
    column
        (n_non_zero,), int64.
    value
        (n_non_zero,), float32.
    """

    position: Tensor
    column: Tensor
    value: Tensor

    def to(self, device: torch.device) -> NonZero:
        """The same values on ``device``."""
        return NonZero(self.position.to(device), self.column.to(device), self.value.to(device))


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
    whole
        Cells of the batch that these are a share of, where several devices learn from it; else their own number.
    """

    x: Tensor
    target: Tensor | None = None
    labels: Tensor | None = None
    proportions: Tensor | None = None
    nonzero: NonZero | None = None
    whole: int = 0

    def __post_init__(self) -> None:
        self.whole = self.whole or self.n

    @property
    def n(self) -> int:
        return self.x.shape[0]

    @property
    def reconstruction_target(self) -> Tensor:
        """(n, n_inputs), what the reconstruction is compared with."""
        return self.x if self.target is None else self.target

    @property
    def library_size(self) -> Tensor:
        """(n,), sum of each cell's reconstruction target: its counts in the genes of the network."""
        return self.reconstruction_target.sum(dim=1)


def outputs_of(network: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """The outputs of ``network`` on ``batch``, with the library sizes where it ``takes_library``."""
    if getattr(network, "takes_library", False):
        return network(batch.x, batch.library_size)
    return network(batch.x)
