"""Sums and rows over all devices, as the steps of training need them.

These ask torch directly: Fabric's own first wait at a barrier, which would hold up every step of a GPU.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed


def add(values: Tensor) -> None:
    """Sum ``values`` over all devices, in place; the bits are the same on each."""
    distributed.all_reduce(values)


def gather(values: Tensor) -> Tensor:
    """``values`` (...) of every device as (devices, ...); each device gets back the gradient of its own."""
    gathered = _Gather.apply(values)
    assert isinstance(gathered, Tensor)
    return gathered


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        parts = [torch.empty_like(values) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, values.contiguous())
        return torch.stack(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        whole = gradients[0].contiguous().clone()
        distributed.all_reduce(whole)
        return whole[distributed.get_rank()]
