"""Devices: which are there, which is used, how many threads."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
import torch

from core.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.specs import TrainSpec


def choose(name: str) -> torch.device:
    """The device called ``name``: auto (a GPU if present), cpu, cuda or mps.

    Raises
    ------
    RunError
        If the device is not on this machine.
    """
    present = available()
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if device in present))
    if name not in present:
        raise RunError(f"This machine has no {name} device", name, f"Set training.device to {' or '.join(present)}")
    return torch.device(name)


def available() -> tuple[str, ...]:
    """Names of the devices on this machine; the CPU is always one."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return (*(name for name, there in found.items() if there), "cpu")


def count(spec: TrainSpec, device: torch.device) -> int:
    """How many devices ``spec`` asks for: graphics cards, or processes where ``device`` is the CPU.

    All there are means every card, or as many processes as the cores of this machine have threads for.

    Raises
    ------
    RunError
        If there are not so many cards, or the device cannot be joined with others.
    """
    match device.type:
        case "cuda":
            there = torch.cuda.device_count()
            if spec.devices is not None and spec.devices > there:
                raise RunError(
                    f"This machine has {there} graphics {'card' if there == 1 else 'cards'}",
                    spec.devices,
                    f"Set training.devices to at most {there}",
                )
        case "cpu":
            there = max(1, cores() // spec.threads)
        case _:
            there = 1
            if spec.devices is not None and spec.devices > 1:
                raise RunError(
                    "This kind of device cannot be joined with others",
                    device.type,
                    "Set training.devices to 1, or training.device to cpu",
                )
    return there if spec.devices is None else spec.devices


def cores() -> int:
    """CPU cores that this process may use: fewer than the machine has inside a job or container that says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def device_summary() -> dict[str, Any]:
    """What this machine trains on: device (the choice of auto), name, cores, memory (bytes), torch (version)."""
    device = choose("auto")
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        name, memory = properties.name, properties.total_memory
    else:
        name = "Apple GPU" if device.type == "mps" else f"CPU, {torch.backends.cpu.get_cpu_capability()}"
        memory = psutil.virtual_memory().total
    return {
        "device": device.type,
        "name": name,
        "cores": os.cpu_count() or 1,
        "memory": memory,
        "torch": torch.__version__,
    }


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Matrix products inside use ``count`` CPU threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
