"""Batch norm whose mean and variance are those of the whole batch, where several devices share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable


class SharedNorm(nn.BatchNorm1d):
    """Batch norm over the cells of all devices; on any device, where torch's own is for GPUs alone.

    Each device adds up its cells; the parts are joined by the rule for the variance of two groups, which loses no
    digits where the mean is large. In evaluation it is batch norm.

    Shapes: (n, n_units) -> (n, n_units); ``n`` may be 0 on some devices.

    Source: Chan, Golub and LeVeque 1983, the pairwise update of sums of squares.
    """

    def __init__(self, norm: nn.BatchNorm1d, gather: Callable[[Tensor], Tensor]) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
        self.load_state_dict(norm.state_dict())
        self.to(next(iter(norm.state_dict().values())).device)
        self.train(norm.training)
        self.gather = gather

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        exact = input.float()
        n, mean, squares = self._whole(exact)
        variance = squares / n
        self._remember(n, mean.detach(), variance.detach())
        scaled = (exact - mean) * torch.rsqrt(variance + self.eps)
        return (scaled * self.weight + self.bias if self.affine else scaled).to(input.dtype)

    def _whole(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Number of cells (1,), mean (n_units,) and sum of squared differences from it, over all devices."""
        mean = x.sum(dim=0) / max(len(x), 1)
        squares = (x - mean).square().sum(dim=0)
        parts = self.gather(torch.cat([x.new_full((1,), len(x)), mean, squares]))
        counts, means, squares = parts.split([1, self.num_features, self.num_features], dim=1)
        n = counts.sum(dim=0)
        mean = (counts * means).sum(dim=0) / n
        return n, mean, (squares + counts * (means - mean).square()).sum(dim=0)

    @torch.no_grad()
    def _remember(self, n: Tensor, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        assert self.momentum is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * n / (n - 1), self.momentum)


def share_norms(network: nn.Module, gather: Callable[[Tensor], Tensor]) -> None:
    """Let every batch norm of ``network`` see the whole batch; names and values of its parameters stay.

    Parameters
    ----------
    gather
        As in ``peers.Together``.

    Raises
    ------
    SpecError
        If a network of the user's own has a batch norm of another kind.
    """
    for name, module in list(network.named_modules()):
        if type(module) is nn.BatchNorm1d:
            owner, _, own = name.rpartition(".")
            setattr(network.get_submodule(owner), own, SharedNorm(module, gather))
        elif isinstance(module, nn.modules.batchnorm._NormBase) and module.track_running_stats:
            raise SpecError(
                "This norm cannot be shared by several devices",
                type(module).__name__,
                "Use nn.BatchNorm1d, or set training.devices to 1",
            )
