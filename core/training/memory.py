"""What to do when memory runs out (a smaller batch on a GPU, a plain word on the CPU), and how freed memory is kept."""

from __future__ import annotations

import ctypes
import platform
from functools import cache

import torch

from core.errors import RunError

CPU_ALLOCATOR = "can't allocate memory"


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # names and numbers of glibc's malloc.h
LARGEST_KEPT = 32 << 20  # bytes; the most that glibc allows
KEPT_IN_ALL = (2 << 30) - 1


@cache
def keep_freed_memory() -> None:
    """Let this process keep the memory of tensors up to 32 MB when they are freed, where the C library is glibc.

    A training step frees what the next one needs again. By default such memory goes back to the system each time,
    and fetching it anew costs a quarter of the step.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        library.mallopt(M_TRIM_THRESHOLD, KEPT_IN_ALL)


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
