"""A network's outputs for many cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from core.training.batches import ArrayBatches

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.networks.own_module import CodingModule
    from core.training.batches import Batches

_ARRAYS = (np.ndarray, Tensor, sparse.csr_matrix, sparse.csr_array)


@torch.no_grad()
def outputs(
    network: nn.Module,
    x: Batches | sparse.csr_matrix | sparse.csr_array | np.ndarray | Tensor,
    batch_size: int = 1024,
    device: torch.device | str = "cpu",
    names: Collection[str] | None = None,
) -> dict[str, np.ndarray]:
    """Outputs of ``network`` in evaluation mode, cells in order.

    Parameters
    ----------
    network
        Moved to ``device``; its mode (training or evaluation) is left as it was.
    x
        (n, n_inputs), or batches of it.
    batch_size
        Cells at a time; the outputs do not depend on it.
    device
        Where to compute.
    names
        Outputs to keep, such as ``{"code"}``; ``None`` for all. The reconstruction of many cells is large.

    Returns
    -------
    "code" (n, code_units) and, by head, "reconstruction" (n, n_inputs), "class_logits" and "proportions"
    (n, n_classes), float32. Where only the code is asked for, the heads are not computed.
    """
    device = torch.device(device)
    batches = ArrayBatches(x) if isinstance(x, _ARRAYS) else x
    network.to(device)
    was_training = network.training
    network.eval()
    coding, only_code = cast("CodingModule", network), names is not None and set(names) == {"code"}
    kept: dict[str, list[np.ndarray]] = {}
    for batch in batches.epoch(0, batch_size, None, device):
        found = {"code": coding.encode(batch.x)} if only_code else network(batch.x)
        for name, value in found.items():
            if names is None or name in names:
                kept.setdefault(name, []).append(value.float().cpu().numpy())
    network.train(was_training)
    return {name: np.concatenate(parts) for name, parts in kept.items()}
