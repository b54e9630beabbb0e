"""Random streams from a seed: one per epoch, so that a resumed run repeats an uninterrupted one."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


def derived(seed: int, *stream: int | str) -> int:
    """A seed for one stream (such as ``"epoch", 3``), 63 bits, unrelated to that of any other stream."""
    digest = hashlib.blake2b(repr((seed, *stream)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(seed: int, *stream: int | str) -> torch.Generator:
    """A CPU generator for one stream of ``seed``."""
    return torch.Generator().manual_seed(derived(seed, *stream))


@contextmanager
def layer_randomness(seed: int, epoch: int, device: torch.device) -> Iterator[None]:
    """Dropout and noise inside draw from the stream of this epoch; outside, torch's own stream is left untouched.

    Dropout knows no generator of its own, so torch's default one is lent to it and given back.
    """
    lent = [torch.cuda.current_device() if device.index is None else device.index] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=lent):
        torch.manual_seed(derived(seed, "layers", epoch))
        yield
