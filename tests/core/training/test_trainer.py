"""The loop: its records, how it is resumed, stopped and ended, and what it refuses."""

from __future__ import annotations

import json

import pytest
import torch
from torch import Tensor, nn

from core.errors import RunError, SpecError
from core.networks.objective import Objective
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from core.training.state import TrainerState
from core.training.trainer import fit
from tests.core.training.small_runs import OBJECTIVE, TRAIN, cells, made, run, same_weights, values


def test_records_tell_everything_as_plain_json():
    records, module = run()
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6]
    last = json.loads(json.dumps(records[-1].to_json()))
    names = {"loss", "reconstruction", "classes", "proportions", "accuracy", "macro_f1"}
    names |= {"proportion_mae", "proportion_ccc"}
    assert set(last["train"]) == set(last["validation"]) == names
    assert last["learning_rate"] == TRAIN.learning_rate
    assert last["gradient_norm"] > 0
    assert last["cells_per_second"] > 0
    assert last["units"] == {"silent": [], "saturated": []}
    assert not module.training


def test_the_same_seed_repeats_a_run_and_another_does_not():
    assert values(run()[0]) == values(run()[0])
    assert values(run()[0]) != values(run(seed=1)[0])


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "rmsprop"])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, kind):
    train = TRAIN.model_copy(update={"optimiser": kind, "schedule": "plateau", "patience": 4})
    whole, expected = run(train=train)
    path = tmp_path / "state.safetensors"
    module = made()
    first = []
    for record in fit(
        module, Objective(OBJECTIVE), cells(), cells(17, 1), train, seed=0, on_state=lambda s: s.save(path)
    ):
        first.append(record)
        if record.number == 3:
            break
    rest, resumed = run(train=train, state=TrainerState.load(path))
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


@pytest.mark.parametrize("stopped_at", [2, 13])
def test_a_stop_inside_an_epoch_leaves_no_trace(stopped_at):
    whole, expected = run()
    states, asked = [], []
    stop = lambda: len(asked) == stopped_at or asked.append(0)  # noqa: E731  # counts the steps
    first, _ = run(stop=stop, on_state=states.append)
    assert len(first) == (stopped_at - 1) // 4  # 33 cells in batches of 8: four steps, the last with 9 cells
    rest, resumed = run(state=states[-1] if states else None)
    assert values(first + rest) == values(whole)
    assert same_weights(resumed, expected)


def test_the_best_epoch_is_kept_or_the_last_one():
    rough = TRAIN.model_copy(update={"optimiser": "sgd", "learning_rate": 0.3, "epochs": 12})
    states: list[TrainerState] = []
    records, module = run(train=rough, on_state=states.append)
    best = min(records, key=lambda record: record.validation["loss"])
    assert [record.number for record in records if record.best][-1] == best.number < 12
    kept = states[best.number - 1].network
    assert all(torch.equal(kept[name], value) for name, value in module.state_dict().items())
    _, last = run(train=rough.model_copy(update={"restore_best": False}), on_state=states.append)
    assert all(torch.equal(states[-1].network[name], value) for name, value in last.state_dict().items())
    assert states[-1].best is None


def test_patience_ends_training_and_a_finished_run_does_not_go_on():
    states: list[TrainerState] = []
    impatient = TRAIN.model_copy(update={"patience": 2, "epochs": 200, "monitor": "macro_f1"})
    records, module = run(train=impatient, on_state=states.append)
    assert len(records) < 200
    assert [record.waited for record in records[-3:]] == [0, 1, 2]
    again, resumed = run(train=impatient, state=states[-1])
    assert again == []
    assert same_weights(module, resumed)


def test_without_validation_cells_the_training_value_is_watched():
    train = TRAIN.model_copy(update={"epochs": 2})
    records = list(fit(made(), Objective(OBJECTIVE), cells(), None, train, seed=0))
    assert records[0].validation == {}
    assert records[1].best == (records[1].train["loss"] < records[0].train["loss"])


def test_a_single_last_cell_does_not_break_batch_norm():
    train = TRAIN.model_copy(update={"epochs": 1})
    assert len(list(fit(made(), Objective(OBJECTIVE), cells(17), cells(1), train, seed=0))) == 1


@pytest.mark.parametrize(
    ("change", "words"), [({"batch_size": 1}, "more than one cell"), ({"monitor": "l1"}, "watch l1")]
)
def test_settings_at_odds_are_refused(change, words):
    with pytest.raises(SpecError, match=words):
        run(train=TRAIN.model_copy(update=change))


def test_a_loss_that_is_no_number_ends_the_run_with_the_last_good_weights():
    wild = TRAIN.model_copy(update={"optimiser": "sgd", "learning_rate": 10.0, "epochs": 50})
    spec = ObjectiveSpec(reconstruction=ReconstructionSpec())
    module = made(NetworkSpec(code=LayerSpec(units=64, activation="linear")), spec)
    with pytest.raises(RunError, match="no longer a number in epoch") as caught:
        list(fit(module, Objective(spec), cells(), None, wild, seed=0))
    assert "learning rate" in caught.value.remedy
    assert all(torch.isfinite(weight).all() for weight in module.parameters())


def test_a_state_of_another_optimiser_is_refused():
    states: list[TrainerState] = []
    run(train=TRAIN.model_copy(update={"epochs": 1}), on_state=states.append)
    with pytest.raises(RunError, match="another optimiser"):
        run(train=TRAIN.model_copy(update={"optimiser": "sgd"}), state=states[-1])


class Own(nn.Module):
    """A network of the user's own, which may run out of memory."""

    def __init__(self, full: BaseException | None = None) -> None:
        super().__init__()
        self.first, self.back, self.full = nn.Linear(10, 2), nn.Linear(2, 10), full

    def encode(self, x: Tensor) -> Tensor:
        return self.first(x)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        if self.full is not None:
            raise self.full
        code = self.encode(x)
        return {"code": code, "reconstruction": self.back(code)}


REBUILD = ObjectiveSpec(reconstruction=ReconstructionSpec())


def test_a_network_of_the_users_own_trains():
    train = TRAIN.model_copy(update={"epochs": 20, "learning_rate": 0.01})
    records = list(fit(Own(), Objective(REBUILD), cells(), None, train, seed=0))
    assert records[-1].train["loss"] < records[0].train["loss"]


def test_full_memory_on_the_cpu_is_said_plainly_and_other_errors_pass():
    with pytest.raises(RunError, match="memory is full"):
        list(fit(Own(MemoryError()), Objective(REBUILD), cells(), None, TRAIN, seed=0))
    with pytest.raises(RuntimeError, match="something else"):
        list(fit(Own(RuntimeError("something else")), Objective(REBUILD), cells(), None, TRAIN, seed=0))
