"""Training where the code is drawn and counts are rebuilt from library sizes."""

from __future__ import annotations

import pytest
import torch

from core.networks.batch import Batch, outputs_of
from core.networks.objective import Objective
from core.specs import ObjectiveSpec, ReconstructionSpec, VariationalSpec
from core.training.precision import autocast
from core.training.state import TrainerState
from core.training.trainer import fit
from tests.core.training.small_runs import NETWORK, TRAIN, cells, made, run, same_weights, values

DRAWN = ObjectiveSpec(
    reconstruction=ReconstructionSpec(loss="zero_inflated_negative_binomial"),
    variational=VariationalSpec(weight=0.5, warm_up=4),
)
SHARES = NETWORK.model_copy(update={"library_size": True})


@pytest.mark.parametrize("stopped_after", [1, 4])
def test_a_resumed_run_with_a_drawn_code_equals_an_uninterrupted_one(tmp_path, stopped_after):
    whole, expected = run(SHARES, DRAWN)
    path = tmp_path / "state.safetensors"
    module = made(SHARES, DRAWN)
    first = []
    for record in fit(module, Objective(DRAWN), cells(), cells(17, 1), TRAIN, seed=0, on_state=lambda s: s.save(path)):
        first.append(record)
        if record.number == stopped_after:
            break
    rest, resumed = run(SHARES, DRAWN, state=TrainerState.load(path))
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


def test_a_drawn_code_leaves_torch_s_own_stream_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(SHARES, DRAWN, TRAIN.model_copy(update={"epochs": 2}))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_while_the_divergence_warms_up_losses_are_told_at_its_full_weight(split):
    for record in run(SHARES, DRAWN)[0]:
        told = getattr(record, split)
        assert told["loss"] == pytest.approx(told["reconstruction"] + 0.5 * told["kl"], rel=1e-5)


def test_warming_up_lets_the_code_say_more_in_the_first_epochs():
    slow = DRAWN.model_copy(update={"variational": VariationalSpec(weight=50.0, warm_up=1000)})
    at_once = DRAWN.model_copy(update={"variational": VariationalSpec(weight=50.0, warm_up=0)})
    train = TRAIN.model_copy(update={"learning_rate": 0.01, "restore_best": False})
    free, held = (run(SHARES, spec, train)[0][-1].validation["kl"] for spec in (slow, at_once))
    assert free > 2 * held


def test_bf16_leaves_count_losses_and_the_divergence_in_full_precision():
    module = made(SHARES, DRAWN).train()
    batch = Batch(torch.poisson(torch.full((8, 10), 2.0), torch.Generator().manual_seed(0)))
    with autocast("bf16", torch.device("cpu")):
        outputs = outputs_of(module, batch)
    for name in ("reconstruction", "zero_logits", "code_deviation"):
        assert outputs[name].dtype == torch.float32
    torch.testing.assert_close(outputs["reconstruction"].sum(dim=1), batch.library_size)
    exact = run(SHARES, DRAWN)[0]
    fast = run(SHARES, DRAWN, TRAIN.model_copy(update={"precision": "bf16"}))[0]
    for one, other in zip(exact, fast, strict=True):
        for name, value in one.validation.items():
            assert other.validation[name] == pytest.approx(value, rel=0.05, abs=0.02), name
