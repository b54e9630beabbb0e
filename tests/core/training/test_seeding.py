from __future__ import annotations

import torch

from core.training.seeding import derived, generator, layer_randomness

CPU = torch.device("cpu")


def drawn(seed: int, epoch: int) -> torch.Tensor:
    with layer_randomness(seed, epoch, CPU):
        return torch.rand(4)


def test_streams_are_repeatable_and_unrelated():
    assert derived(0, "order", 1) == derived(0, "order", 1)
    assert len({derived(seed, name, epoch) for seed in (0, 1) for name in ("a", "b") for epoch in (1, 2)}) == 8
    assert torch.equal(torch.rand(3, generator=generator(5, "x")), torch.rand(3, generator=generator(5, "x")))


def test_layer_randomness_follows_seed_and_epoch_and_leaves_torch_alone():
    before = torch.get_rng_state()
    assert torch.equal(drawn(0, 1), drawn(0, 1))
    assert not torch.equal(drawn(0, 1), drawn(0, 2))
    assert not torch.equal(drawn(0, 1), drawn(1, 1))
    assert torch.equal(before, torch.get_rng_state())
