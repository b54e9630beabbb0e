"""What to do when memory runs out: a smaller batch on a GPU, a plain word on the CPU."""

from __future__ import annotations

import torch

from core.errors import RunError

CPU_ALLOCATOR = "can't allocate memory"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out; the CPU's allocator has no error type of its own."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or CPU_ALLOCATOR in str(error)


def smaller_batch(error: BaseException, batch_size: int, device: torch.device) -> int:
    """Half of ``batch_size``, to try again on a GPU.

    Raises
    ------
    RunError
        If training is on the CPU, or one cell alone is too much.
    """
    if device.type != "cuda":
        raise RunError(
            "The computer's memory is full", f"batch size {batch_size}", "Use a smaller batch, fewer genes or units"
        ) from error
    if batch_size == 1:
        raise RunError("The GPU's memory is too small for one cell", 1, "Use fewer genes or units") from error
    return batch_size // 2


def release() -> None:
    """Give unused GPU memory back; once the error that told of its end, and what that held on to, are gone."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
