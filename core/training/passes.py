"""One pass over the cells: training steps, or validation."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch

from core.errors import RunError
from core.networks.batch import LINEAR, outputs_of
from core.networks.layers import constrain, limits
from core.training.device import threads
from core.training.metrics import Totals
from core.training.peers import ALONE
from core.training.precision import autocast, matrix_precision
from core.training.seeding import generator, layer_randomness
from core.training.units import SAMPLE, UnitHealth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor, nn, optim

    from core.networks.batch import Batch
    from core.networks.objective import Objective
    from core.networks.own_module import CodingModule
    from core.specs import TrainSpec
    from core.training.batches import Batches
    from core.training.peers import Alone
    from core.training.schedules import Schedule

NORMS_PER_EPOCH = 8
STEPS_PER_CHECK = 64
VALIDATION_BATCH = 512
FEWEST = 256


@dataclass(frozen=True)
class Pass:
    """What a training pass brought; see ``epoch.Epoch``."""

    values: dict[str, float]
    seconds: float
    learning_rate: float
    gradient_norm: float


@dataclass(frozen=True)
class Trainee:
    """What every pass works with."""

    network: nn.Module
    objective: Objective
    spec: TrainSpec
    device: torch.device
    seed: int
    peers: Alone = ALONE


def training_pass(
    trainee: Trainee,
    optimiser: optim.Optimizer,
    schedule: Schedule,
    batches: Batches,
    number: int,
    batch_size: int,
    stop: Callable[[], bool],
) -> Pass | None:
    """Train for one epoch; ``None`` if ``stop`` came true between two steps.

    Raises
    ------
    RunError
        If the loss is no longer a number.
    """
    network, spec, peers = trainee.network, trainee.spec, trainee.peers
    objective = trainee.objective.in_epoch(number)
    steps = math.ceil(batches.n / batch_size)
    every = 1 if spec.clip_norm else max(1, steps // NORMS_PER_EPOCH)
    limited, learned = limits(network), [p for p in network.parameters() if p.requires_grad]
    totals, norms, rate = Totals(), [], schedule.rate(number, 0, steps)
    network.train()
    began = time.perf_counter()
    order = generator(trainee.seed, "order", number)
    with _numerics(spec), layer_randomness(peers.seed(trainee.seed), number, trainee.device):
        for step, batch in enumerate(batches.epoch(number, batch_size, order, trainee.device)):
            if stop():
                return None
            rate = schedule.rate(number, step, steps)
            for group in optimiser.param_groups:
                group["lr"] = rate
            outputs = _outputs(trainee, batch)
            total, terms = peers.loss(objective, network, outputs, batch)
            total.backward()
            peers.add_gradients(learned)
            if step % every == 0:
                norms.append(_gradient_norm(learned, spec.clip_norm))
            optimiser.step()
            optimiser.zero_grad()
            constrain(limited)
            totals.add(total, terms, outputs, batch)
            if step % STEPS_PER_CHECK == 0:
                _check(float(totals.sums["loss"]), number, rate)
        values = peers.add_totals(totals).values()
    if objective is not trainee.objective:
        # while a weight rises, the loss is told at its full value: epochs must stay comparable for early stopping
        values["loss"] = trainee.objective.total(values)
    _check(values["loss"], number, rate)
    return Pass(values, time.perf_counter() - began, rate, float(torch.stack(norms).mean()))


@torch.no_grad()
def validation_pass(trainee: Trainee, batches: Batches, batch_size: int) -> tuple[dict[str, float], UnitHealth]:
    """Values of cells never trained on, and the health of the code units on them.

    Every term has its full weight, also while that of the training steps still rises: early stopping then compares like
    with like.
    """
    totals, health = Totals(), UnitHealth.of(trainee.network)
    trainee.network.eval()
    size = max(batch_size, min(VALIDATION_BATCH, 4 * batch_size))  # no gradients: four times the cells fit
    with _numerics(trainee.spec):
        for batch in batches.epoch(0, size, None, trainee.device):
            outputs = _outputs(trainee, batch)
            total, terms = trainee.peers.loss(trainee.objective, trainee.network, outputs, batch)
            totals.add(total, terms, outputs, batch)
            if not health.full:
                health.add(trainee.peers.whole_batch(outputs["code"], batch))
        return trainee.peers.add_totals(totals).values(), health


@torch.no_grad()
def unit_health(trainee: Trainee, batches: Batches) -> UnitHealth:
    """The health of the code units on the first training cells, for runs that keep no cells back.

    An eighth of the cells, but between 256 and 1,024 of them: more would slow down the training of few cells.
    """
    size = min(SAMPLE, max(FEWEST, batches.n // 8))
    health = UnitHealth.of(trainee.network)
    trainee.network.eval()
    with _numerics(trainee.spec):
        for batch in batches.epoch(0, size, None, trainee.device):
            with autocast(trainee.spec.precision, trainee.device):
                code = cast("CodingModule", trainee.network).encode(batch.x).float()
            health.add(trainee.peers.whole_batch(code, batch))
            break
    return health


def _outputs(trainee: Trainee, batch: Batch) -> dict[str, Tensor]:
    with autocast(trainee.spec.precision, trainee.device):
        outputs = outputs_of(trainee.network, batch)
    return {name: value if name == LINEAR else value.float() for name, value in outputs.items()}


def _gradient_norm(learned: list[nn.Parameter], clip: float | None) -> Tensor:
    if clip is not None:
        return torch.nn.utils.clip_grad_norm_(learned, clip).detach()
    return torch.nn.utils.get_total_norm([p.grad for p in learned if p.grad is not None])


def _check(loss: float, epoch: int, rate: float) -> None:
    if not math.isfinite(loss):
        raise RunError(
            f"The loss is no longer a number in epoch {epoch}", loss, f"Lower the learning rate (it was {rate:g})"
        )


@contextmanager
def _numerics(spec: TrainSpec) -> Iterator[None]:
    with ExitStack() as inside:
        inside.enter_context(threads(spec.threads))
        inside.enter_context(matrix_precision(spec.precision))
        yield
