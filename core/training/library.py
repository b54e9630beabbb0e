"""The library size that stands for all training cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from core.training.batches import Batches

AT_ONCE = 1024


def median_library(batches: Batches) -> float:
    """Median of the library sizes of all cells of ``batches``: sums of what is rebuilt, in its unit."""
    cpu = torch.device("cpu")
    return float(torch.cat([batch.library_size for batch in batches.epoch(0, AT_ONCE, None, cpu)]).median())
