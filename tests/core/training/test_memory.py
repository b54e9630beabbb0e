from __future__ import annotations

import pytest
import torch

from core.errors import RunError
from core.training.memory import is_out_of_memory, smaller_batch


def test_out_of_memory_in_its_three_guises():
    cpu = RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried ...")
    assert all(is_out_of_memory(error) for error in (MemoryError(), torch.OutOfMemoryError("CUDA"), cpu))
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))


def test_torch_says_so_when_the_cpu_has_no_room():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert is_out_of_memory(caught.value)


def test_a_gpu_gets_half_the_batch_and_the_cpu_a_plain_word():
    assert smaller_batch(MemoryError(), 128, torch.device("cuda")) == 64
    with pytest.raises(RunError, match="memory is full") as caught:
        smaller_batch(MemoryError(), 128, torch.device("cpu"))
    assert "smaller batch" in caught.value.remedy
    with pytest.raises(RunError, match="one cell"):
        smaller_batch(MemoryError(), 1, torch.device("cuda"))
