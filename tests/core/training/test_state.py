from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import RunError
from core.specs import TrainSpec
from core.training.optimisers import optimiser
from core.training.state import Progress, TrainerState, copied, optimiser_tensors, put_back

PROGRESS = Progress(epoch=3, batch_size=64, optimiser="adam", best=0.5, best_epoch=2, waited=1, halvings=2, stuck=1)


def trained(seed: int, kind: str = "adam") -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.nn.init.normal_((layer := nn.Linear(3, 2)).weight, generator=torch.Generator().manual_seed(seed))
    chosen = optimiser(layer, TrainSpec(optimiser=kind))
    layer(torch.ones(4, 3)).square().sum().backward()
    chosen.step()
    return layer, chosen


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "rmsprop"])
def test_a_saved_state_comes_back_whole(tmp_path, kind):
    network, chosen = trained(0, kind)
    best = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}
    path = tmp_path / "checkpoint" / "state.safetensors"
    TrainerState(PROGRESS, copied(network.state_dict()), optimiser_tensors(network, chosen), best).save(path)
    state = TrainerState.load(path)
    assert state.progress == PROGRESS
    assert torch.equal(state.best_network["weight"], best["weight"])
    other, its_optimiser = trained(1, kind)
    put_back(state, other, its_optimiser)
    assert torch.equal(other.weight, network.weight)
    mine, theirs = optimiser_tensors(network, chosen), optimiser_tensors(other, its_optimiser)
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_best_is_the_last_where_no_other_is_kept():
    state = TrainerState(PROGRESS, {"weight": torch.ones(1)})
    assert state.best_network is state.network


def test_copies_do_not_follow_the_network():
    network, _ = trained(0)
    kept = copied(network.state_dict())
    nn.init.zeros_(network.weight)
    assert kept["weight"].abs().sum() > 0


def test_a_damaged_a_foreign_and_a_missing_file_are_named(tmp_path):
    from safetensors.torch import save_file

    damaged, foreign = tmp_path / "damaged", tmp_path / "foreign"
    damaged.write_bytes(b"nothing of the kind")
    save_file({"a": torch.ones(1)}, foreign)
    for path, words in ((damaged, "cannot be read"), (foreign, "no checkpoint"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(RunError, match=words):
            TrainerState.load(path)


def test_the_state_of_another_network_is_refused():
    network, chosen = trained(0)
    state = TrainerState(PROGRESS, {"weight": torch.ones(5, 3), "bias": torch.ones(2)})
    with pytest.raises(RunError, match="another network") as caught:
        put_back(state, network, chosen)
    assert caught.value.value == ["weight"]
