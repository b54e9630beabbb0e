"""Training as a generator of epochs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from core.errors import RunError, SpecError
from core.training import ranks
from core.training.device import count
from core.training.epoch import Epoch
from core.training.memory import is_out_of_memory, keep_freed_memory, release, smaller_batch
from core.training.metrics import metric_names
from core.training.optimisers import optimiser
from core.training.passes import Trainee, training_pass, unit_health, validation_pass
from core.training.peers import ALONE
from core.training.schedules import Schedule
from core.training.state import Progress, TrainerState, copied, load_weights, optimiser_tensors, put_back
from core.training.stopping import Stopping, check_monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.networks.objective import Objective
    from core.specs import TrainSpec
    from core.training.batches import Batches
    from core.training.passes import Pass
    from core.training.peers import Alone
    from core.training.units import UnitHealth


def never() -> bool:
    """Do not stop."""
    return False


def fit(
    network: nn.Module,
    objective: Objective,
    train: Batches,
    validation: Batches | None,
    spec: TrainSpec,
    *,
    seed: int,
    device: torch.device | str = "cpu",
    stop: Callable[[], bool] = never,
    state: TrainerState | None = None,
    on_state: Callable[[TrainerState], None] | None = None,
    peers: Alone = ALONE,
) -> Iterator[Epoch]:
    """Train ``network`` in place, one epoch for each item asked for.

    When the generator ends or is closed, the network holds the best epoch's weights (``spec.restore_best``) or those
    of the last finished epoch. An epoch that was interrupted leaves no trace.

    With ``spec.devices`` above one, processes of their own do this together, each on one device and on its share of
    every batch; see ``ranks``.

    Parameters
    ----------
    network
        A ``Network``, or any module that ``own_module.check_sizes`` accepts; its start weights are the caller's.
    objective
        What is minimised.
    train, validation
        Cells to learn from; cells never trained on, ``None`` for none (the training values are watched then).
    spec
        Optimiser, schedule, batches, stopping, precision and threads.
    seed
        Decides the order of cells, dropout and noise; with the same seed a resumed run repeats an uninterrupted one.
    device
        Where to train; see ``device.choose``.
    stop
        Asked between steps; once true, training ends.
    state
        From an earlier run with the same settings, to go on from.
    on_state
        Given the state after each epoch, once the caller has taken the epoch's record. Its tensors are copies.
    peers
        The other devices, where this is one of several already.

    Yields
    ------
    The record of each epoch.

    Raises
    ------
    SpecError
        If settings are at odds: a watched value that is not there, batch norm with batches of one cell.
    RunError
        If the loss is no longer a number, memory runs out, or ``state`` belongs to another run.
    """
    keep_freed_memory()
    device = torch.device(device)
    check_monitor(spec.monitor, metric_names(objective))
    _check_precision(spec.precision)
    _check_batch_norm(network, train.n, spec.batch_size)
    devices = 1 if peers.several else min(count(spec, device), spec.batch_size)
    if devices > 1:
        work = ranks.Work(network.cpu(), objective, train, validation, spec, seed, device.type, state)
        yield from ranks.epochs(work, devices, stop, on_state)
        return
    run = _Run(Trainee(network.to(device), objective.to(device), spec, device, seed, peers), train, validation, state)
    try:
        while run.state.progress.epoch < spec.epochs and not run.stopping.exhausted:
            record = run.next_epoch(stop)
            if record is None:
                return
            try:
                yield record
            finally:
                if on_state is not None:
                    on_state(run.state)
    finally:
        run.settle()


class _Run:
    """One training run between its epochs."""

    def __init__(
        self, trainee: Trainee, train: Batches, validation: Batches | None, state: TrainerState | None
    ) -> None:
        self.trainee, self.train, self.validation = trainee, train, validation
        spec, network = trainee.spec, trainee.network
        self.optimiser = optimiser(network, spec)
        if state is None:
            state = TrainerState(Progress(0, spec.batch_size, spec.optimiser), copied(network.state_dict()))
        elif state.progress.optimiser != spec.optimiser:
            raise RunError(
                "The checkpoint belongs to another optimiser", state.progress.optimiser, "Start the run again"
            )
        else:
            put_back(state, network, self.optimiser)
        self.state = state
        at = state.progress
        self.stopping = Stopping(spec.monitor, spec.patience, at.best, at.best_epoch, at.waited)
        self.schedule = Schedule(spec, at.halvings, at.stuck)

    def next_epoch(self, stop: Callable[[], bool]) -> Epoch | None:
        """Train one epoch and take the new state; ``None`` if stopped."""
        began = time.perf_counter()
        number = self.state.progress.epoch + 1
        done, notes = self._passes(number, stop)
        if done is None:
            return None
        trained, values, health = done
        better = self.stopping.better((values or trained.values)[self.stopping.monitor], number)
        self.schedule.after_epoch(better)
        self._take_state(number, better)
        return Epoch(
            number=number,
            train=trained.values,
            validation=values,
            seconds=time.perf_counter() - began,
            cells_per_second=self.train.n / trained.seconds,
            learning_rate=trained.learning_rate,
            gradient_norm=trained.gradient_norm,
            units=health.judged(),
            best=better,
            waited=self.stopping.waited,
            notes=notes,
        )

    def settle(self) -> None:
        """Leave the network with the weights that the run is to end with."""
        keep_best = self.trainee.spec.restore_best
        load_weights(self.trainee.network, self.state.best_network if keep_best else self.state.network)
        self.trainee.network.eval()

    def _passes(
        self, number: int, stop: Callable[[], bool]
    ) -> tuple[tuple[Pass, dict[str, float], UnitHealth] | None, list[str]]:
        """Train and validate; if the GPU's memory runs out, again from the epoch's start with half the batch."""
        notes: list[str] = []
        while True:
            size = self.state.progress.batch_size
            try:
                trained = training_pass(self.trainee, self.optimiser, self.schedule, self.train, number, size, stop)
                if trained is None:
                    return None, notes
                if self.validation is None:
                    return (trained, {}, unit_health(self.trainee, self.train)), notes
                return (trained, *validation_pass(self.trainee, self.validation, size)), notes
            except (MemoryError, RuntimeError) as error:
                if self.trainee.peers.several or not is_out_of_memory(error):
                    raise  # a smaller batch is for all devices to agree on, so their owner begins again
                smaller = smaller_batch(error, size, self.trainee.device)
            self.optimiser.zero_grad()
            release()
            self.state = replace(self.state, progress=replace(self.state.progress, batch_size=smaller))
            put_back(self.state, self.trainee.network, self.optimiser)
            notes.append(f"The GPU's memory was full at batch size {size}: the batch size is now {smaller}.")

    def _take_state(self, number: int, better: bool) -> None:
        keep_best = self.trainee.spec.restore_best and not better
        stopping, schedule = self.stopping, self.schedule
        progress = Progress(
            epoch=number,
            batch_size=self.state.progress.batch_size,
            optimiser=self.trainee.spec.optimiser,
            best=stopping.best,
            best_epoch=stopping.best_epoch,
            waited=stopping.waited,
            halvings=schedule.halvings,
            stuck=schedule.stuck,
        )
        self.state = TrainerState(
            progress,
            copied(self.trainee.network.state_dict()),
            optimiser_tensors(self.trainee.network, self.optimiser),
            self.state.best_network if keep_best else None,
        )


def _check_precision(precision: str) -> None:
    if precision == "auto":
        raise SpecError("The precision is measured before training begins", precision, "Use fp32, medium or bf16")


def _check_batch_norm(network: nn.Module, n_cells: int, batch_size: int) -> None:
    if any(isinstance(module, nn.BatchNorm1d) for module in network.modules()) and min(batch_size, n_cells) == 1:
        raise SpecError(
            "Batch norm needs more than one cell per batch",
            min(batch_size, n_cells),
            "Use a larger batch or layer norm",
        )
