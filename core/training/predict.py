"""A network's outputs for many cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import nn

from core.networks.batch import outputs_of
from core.training.disk_batches import batches_of
from core.training.memory import is_out_of_memory, release, smaller_batch

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.networks.own_module import CodingModule
    from core.training.batches import Batches
    from core.training.disk_batches import StoredRows
    from core.training.rows import Matrix


@torch.no_grad()
def outputs(
    network: nn.Module,
    x: Batches | Matrix | StoredRows,
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
        (n, n_inputs), in memory or on disk, or batches of it.
    batch_size
        Cells at a time, fewer where the memory of a GPU is full; the outputs do not depend on it.
    device
        Where to compute.
    names
        Outputs to keep, such as ``{"code"}``; ``None`` for all. The reconstruction of many cells is large.

    Returns
    -------
    "code" (n, code_units) and, by head, "reconstruction" (n, n_inputs), "class_logits" and "proportions"
    (n, n_classes), float32; with a library-size offset each row of the reconstruction adds up to that of the target.
    Where only the code is asked for, the heads are not computed.

    Raises
    ------
    RunError
        If memory runs out, on a GPU with one cell at a time.
    """
    device = torch.device(device)
    batches = cast("Batches", x) if hasattr(x, "epoch") else batches_of(cast("Matrix | StoredRows", x))
    network.to(device)
    was_training = network.training
    network.eval()
    try:
        while True:
            try:
                return _outputs(network, batches, batch_size, device, names)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                batch_size = smaller_batch(error, batch_size, device)
            release()
    finally:
        network.train(was_training)


def _outputs(
    network: nn.Module, batches: Batches, batch_size: int, device: torch.device, names: Collection[str] | None
) -> dict[str, np.ndarray]:
    coding, only_code = cast("CodingModule", network), names is not None and set(names) == {"code"}
    kept: dict[str, list[np.ndarray]] = {}
    for batch in batches.epoch(0, batch_size, None, device):
        found = {"code": coding.encode(batch.x)} if only_code else outputs_of(network, batch)
        for name, value in found.items():
            if names is None or name in names:
                kept.setdefault(name, []).append(value.float().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in kept.items()}
