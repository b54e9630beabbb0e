from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from torch import Tensor, distributed, nn

from core.errors import MissingExtraError, RunError, SpecError
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import (
    ClassSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    TrainSpec,
    VariationalSpec,
)
from core.training import ranks
from core.training.batches import ArrayBatches
from core.training.state import TrainerState
from core.training.trainer import fit

HIDDEN = LayerSpec(units=8)
CODE = LayerSpec(units=3, activation="softplus")
PLAIN = NetworkSpec(encoder=(HIDDEN,), code=CODE, output_activation="softplus", library_size=True)
NORMED = PLAIN.model_copy(update={"encoder": (LayerSpec(units=8, norm="batch"),), "input_norm": True})
RANDOM = PLAIN.model_copy(update={"encoder": (LayerSpec(units=8, dropout=0.4),), "input_noise": 0.2})
EVERYTHING = ObjectiveSpec(
    reconstruction=ReconstructionSpec(loss="negative_binomial"),
    classes=ClassSpec(label_smoothing=0.1),
    proportions=ProportionSpec(),
    orthogonality=0.1,
    decorrelation=0.5,
    l1=1e-3,
    l2=1e-3,
)
VARIATIONAL = EVERYTHING.model_copy(update={"variational": VariationalSpec(warm_up=2)})
CLASS_WEIGHTS = torch.tensor([0.2, 1.0, 3.0])
pytestmark = pytest.mark.slow
TRAIN = TrainSpec(batch_size=8, epochs=4, patience=None, learning_rate=0.01)


def cells(n: int = 34, seed: int = 0) -> ArrayBatches:
    """Some cells without a label; 34 of them leave a last batch of two, too small for three devices."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 3, n)
    return ArrayBatches(rng.poisson(1.0, (n, 10)).astype(np.float32), labels, rng.dirichlet(np.ones(3), n))


def made(network: NetworkSpec, objective: ObjectiveSpec = EVERYTHING) -> nn.Module:
    return build(network, objective, 10, 3, torch.Generator().manual_seed(0))


def run(devices: int, network: NetworkSpec | nn.Module = PLAIN, train: TrainSpec = TRAIN, **rest):
    """The records of a run, and the network it leaves."""
    module = network if isinstance(network, nn.Module) else made(network)
    train = train.model_copy(update={"devices": devices})
    validation = rest.pop("validation", cells(17, seed=1))
    objective = rest.pop("objective", Objective(EVERYTHING, CLASS_WEIGHTS))
    return list(fit(module, objective, cells(), validation, train, **({"seed": 0} | rest))), module


def assert_close(one: nn.Module, other: nn.Module, within: float = 1e-5) -> None:
    expected = other.state_dict()
    for name, value in one.state_dict().items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=within, msg=name)


@pytest.mark.parametrize(
    ("devices", "network", "change"),
    [
        (2, PLAIN, {"clip_norm": 0.5, "weight_decay": 0.01, "optimiser": "adamw"}),
        (3, PLAIN, {}),
        # sgd: behind batch norm a bias has no gradient but its rounding, which adam would scale up
        (2, NORMED, {"optimiser": "sgd"}),
        (3, NORMED, {"optimiser": "sgd"}),
    ],
)
def test_several_devices_give_what_one_gives(devices, network, change):
    train = TRAIN.model_copy(update=change)
    (records, module), (expected, alone) = (run(count, network, train) for count in (devices, 1))
    assert_close(module, alone)
    assert len(records) == len(expected) == TRAIN.epochs
    for one, other in zip(records, expected, strict=True):
        assert one.train == pytest.approx(other.train, rel=1e-5, abs=1e-5)
        assert one.validation == pytest.approx(other.validation, rel=1e-5, abs=1e-5)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)
        assert (one.units, one.best, one.waited) == (other.units, other.best, other.waited)


def test_without_validation_the_training_cells_are_judged():
    (records, module), (expected, alone) = (run(devices, validation=None) for devices in (2, 1))
    assert_close(module, alone)
    assert [record.units for record in records] == [record.units for record in expected]


def test_dropout_leaves_the_devices_equal_but_draws_other_cells_other_masks():
    """The devices compare every bit at the end; a run that ends has found them equal."""
    objective = Objective(VARIATIONAL, CLASS_WEIGHTS)
    records, module = run(2, made(RANDOM, VARIATIONAL), objective=objective)
    assert len(records) == TRAIN.epochs
    assert all(torch.isfinite(weight).all() for weight in module.parameters())
    again, same = run(2, made(RANDOM, VARIATIONAL), objective=objective)
    assert [record.train for record in again] == [record.train for record in records]
    assert all(torch.equal(*pair) for pair in zip(module.parameters(), same.parameters(), strict=True))


def test_early_stopping_is_one_decision():
    train = TRAIN.model_copy(update={"patience": 2, "epochs": 60, "learning_rate": 0.1, "schedule": "plateau"})
    (records, module), (expected, alone) = (run(devices, train=train) for devices in (2, 1))
    assert len(records) == len(expected) < 60
    assert [record.learning_rate for record in records] == [record.learning_rate for record in expected]
    assert_close(module, alone, within=1e-3)


def test_a_stopped_run_goes_on_as_if_it_had_never_stopped():
    whole, expected = run(2, RANDOM)
    states: list[TrainerState] = []
    first, _ = run(2, RANDOM, stop=lambda: len(states) == 2, on_state=states.append)
    assert [record.number for record in first] == [1, 2]
    rest, resumed = run(2, RANDOM, state=states[-1])
    assert [record.train for record in first + rest] == [record.train for record in whole]
    assert all(torch.equal(*pair) for pair in zip(resumed.parameters(), expected.parameters(), strict=True))


def test_the_network_holds_each_epoch_in_turn_and_closing_ends_the_processes():
    module, states = made(PLAIN), []
    train = TRAIN.model_copy(update={"devices": 2, "epochs": 1000})
    epochs = fit(module, Objective(EVERYTHING), cells(), None, train, seed=0, on_state=states.append)
    next(epochs)
    held = {name: value.clone() for name, value in module.state_dict().items()}
    assert len(psutil.Process().children()) >= 2
    next(epochs)
    assert all(torch.equal(held[name], value) for name, value in states[0].network.items())
    epochs.close()
    assert not processes_of(os.getpid())
    assert not module.training


class Own(nn.Module):
    """A network of the user's own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.back = nn.Linear(10, 2), nn.Linear(2, 10)
        self.calls = 0

    def encode(self, x: Tensor) -> Tensor:
        return self.first(x)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        if self.training:
            self.calls += 1
            self.mishap(x)
        code = self.encode(x)
        return {"code": code, "reconstruction": self.back(code)}

    def mishap(self, x: Tensor) -> None:
        """Nothing."""


class Killed(Own):
    def mishap(self, x: Tensor) -> None:
        if distributed.get_rank() == 1 and self.calls == 7:
            os.kill(os.getpid(), signal.SIGKILL)


class Full(Own):
    def mishap(self, x: Tensor) -> None:
        if distributed.get_rank() == 1:
            raise torch.OutOfMemoryError("no room")


class Wrong(Own):
    def mishap(self, x: Tensor) -> None:
        if distributed.get_rank() == 1:
            raise ValueError("odd cells")


class Wild(Own):
    def mishap(self, x: Tensor) -> None:
        if distributed.get_rank() == 1:
            x += float("inf")


class Drifting(Own):
    def mishap(self, x: Tensor) -> None:
        with torch.no_grad():
            self.back.bias += 1e-6 * distributed.get_rank()


class OtherNorm(Own):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)


REBUILD = ObjectiveSpec(reconstruction=ReconstructionSpec())


@pytest.mark.parametrize(
    ("network", "kind", "words"),
    [
        (Killed, RunError, r"process of this training ended: number 2 of 2.*signal 9.*resume"),
        (Full, RunError, "memory is full.*smaller batch"),
        (Wrong, RunError, "does not know.*odd cells"),
        (Wild, RunError, "no longer a number"),
        (Drifting, RunError, "ended with different networks"),
        (OtherNorm, SpecError, "cannot be shared.*BatchNorm2d"),
    ],
)
def test_what_goes_wrong_on_one_device_ends_all_and_is_said(network, kind, words):
    began, module = time.monotonic(), network()
    with pytest.raises(kind, match=words):
        run(2, module, objective=Objective(REBUILD))
    assert time.monotonic() - began < 60
    assert not processes_of(os.getpid())
    assert not module.training


def test_epochs_before_a_death_are_kept():
    states: list[TrainerState] = []
    with pytest.raises(RunError, match="signal 9"):
        run(2, Killed(), objective=Objective(REBUILD), on_state=states.append)
    assert [state.progress.epoch for state in states] == [1]
    rest, _ = run(2, Own(), objective=Objective(REBUILD), state=states[-1])
    assert [record.number for record in rest] == [2, 3, 4]


def test_processes_end_with_their_owner(tmp_path: Path):
    script = (
        "from tests.core.training.test_ranks import *\n"
        "train = TRAIN.model_copy(update={'devices': 2, 'epochs': 100_000})\n"
        "for _ in fit(made(PLAIN), Objective(EVERYTHING), cells(), None, train, seed=0): print('epoch', flush=True)\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"epoch\n"
        started = processes_of(owner.pid)
        owner.kill()
    assert len(started) == 2
    _, alive = psutil.wait_procs(started, timeout=20)
    assert not alive
    assert not list(tmp_path.glob("celldesk-*"))


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setattr(ranks, "FABRIC", "a_package_that_is_not_there")
    with pytest.raises(MissingExtraError, match=r"not installed.*lightning-fabric.*requirements-devices\.txt"):
        run(2)


def processes_of(pid: int) -> list[psutil.Process]:
    """Living processes of ``pid`` that train on one device."""
    return [each for each in psutil.Process(pid).children() if ranks.RANK in " ".join(command_of(each))]


def command_of(process: psutil.Process) -> list[str]:
    """The command line; none of a process that has ended and waits for its parent."""
    try:
        return process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return []
