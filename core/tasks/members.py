"""Train the networks of a run one after another, from the last checkpoint where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.data.normalise import Matrix
from core.embedding.components import principal_components
from core.networks.build import build
from core.networks.losses import class_weights
from core.networks.network import Network
from core.networks.objective import Objective
from core.runs.frames import Frames
from core.specs import RunSpec
from core.tasks.precision_step import settled
from core.tasks.prepare import MEMBERS, Prepared
from core.tasks.progress import Progress, Stopped
from core.tasks.replay import Recorder
from core.tasks.watched import Watched
from core.training.batches import Batches
from core.training.device import choose
from core.training.disk_batches import batches_of
from core.training.library import median_library
from core.training.seeding import derived, generator
from core.training.state import TrainerState
from core.training.trainer import fit

CHECKPOINT_SECONDS = 5.0


def cell_batches(prepared: Prepared) -> tuple[Batches, Batches | None]:
    """Training cells and validation cells of a prepared reference; None where none are kept for validation."""

    def of(rows: np.ndarray) -> Batches:
        return batches_of(prepared.x, prepared.labels, rows)

    return of(prepared.train), of(prepared.validation) if len(prepared.validation) else None


def train_members(
    spec: RunSpec,
    progress: Progress,
    train: Batches | Callable[[int], Batches],
    validation: Batches | None,
    n_inputs: int,
    n_classes: int,
    *,
    labels: np.ndarray | None = None,
    start_from: Matrix | None = None,
    mask: np.ndarray | None = None,
    stage: str = "",
    stoppable: bool = True,
    watched: Watched | None = None,
) -> tuple[Network, ...]:
    """Networks trained from ``spec.training.members`` different starts, each with the weights of its best epoch.

    A checkpoint is kept every few seconds and at a stop; networks already finished are read back. After a stop the
    networks not yet begun are left out, and the one in training keeps its best epoch.

    Parameters
    ----------
    train
        What all networks learn from, or by the number of the network what that one learns from.
    labels
        (n_train,) numbers of the training cells' types, for class weights.
    start_from
        (n_train, n_inputs), the training cells, where start weights are their principal components.
    mask
        (units of the first layer, n_inputs), which inputs each unit is joined to, where gene sets decide it.
    stage
        Empty for the run's own networks; else what they are trained for, such as ``fold 1``. Each stage has random
        numbers, checkpoints and metrics of its own.
    stoppable
        Whether a stop ends this training as well. Not for networks that only measure how far the others can be
        trusted: half trained, they would measure something else.
    watched
        Cells whose codes are kept while the first network trains, for a replay; ``None`` for none.

    Raises
    ------
    Stopped
        If the run was stopped before the first network finished an epoch.
    Trained
        If the run only trains, and these are its own networks.
    """
    weights = None
    if spec.objective.classes and labels is not None:
        sizes = torch.from_numpy(np.bincount(labels, minlength=n_classes))
        weights = class_weights(sizes, spec.objective.classes.class_weights)
    objective = Objective(spec.objective, weights)
    components = start_components(spec, start_from) if start_from is not None else {}
    joined = None if mask is None else torch.from_numpy(mask)
    members: list[Network] = []
    for number in range(spec.training.members):
        network = build(
            spec.network.member(number),
            spec.objective,
            n_inputs,
            n_classes,
            generator(spec.seed, MEMBERS, stage, number),
            mask=joined,
            **components,
        )
        learned = train(number) if callable(train) else train
        if network.takes_library:
            network.typical_library.fill_(median_library(learned))
        seen = watched if number == 0 and spec.training.replay_frames else None
        if _train_one(network, objective, learned, validation, spec, progress, stage, number, stoppable, seen):
            members.append(network)
        if stoppable and progress.stopping():
            break
    if not members:
        raise Stopped
    if not stage:
        progress.trained()
    return tuple(members)


def needs_components(spec: RunSpec) -> bool:
    """Whether the network starts from principal components of its training cells."""
    return spec.network.linear_path or any(layer.init == "pca" for layer in spec.network.hidden)


def start_components(spec: RunSpec, values: Matrix) -> dict[str, Tensor]:
    """Principal components of the training cells ``values`` and their mean, as `build` takes them."""
    widths = [layer.units for layer in spec.network.hidden if layer.init == "pca"]
    wanted = max([*widths, spec.network.code_units if spec.network.linear_path else 0])
    found = principal_components(values, wanted, derived(spec.seed, "components") % 2**31)
    return {
        "components": torch.from_numpy(found.loadings.astype(np.float32)),
        "centre": torch.from_numpy(found.mean.astype(np.float32)),
    }


def _train_one(
    network: Network,
    objective: Objective,
    train: Batches,
    validation: Batches | None,
    spec: RunSpec,
    progress: Progress,
    stage: str,
    number: int,
    stoppable: bool,
    watched: Watched | None,
) -> bool:
    """Train ``network`` and say whether it has finished an epoch, now or before."""
    several = f"network {number + 1} of {spec.training.members}" if spec.training.members > 1 else "the network"
    several += f", {stage}" if stage else ""
    kept = progress.run.checkpoint / stage.replace(" ", "_") / f"member_{number}.safetensors"
    state = TrainerState.load(kept) if kept.exists() else None
    progress.phase(f"Training {several}" if state is None else f"Going on with {several}")
    device = choose(spec.training.device)
    progress.changed(device=device.type)
    training = settled(progress.run.directory, spec.training, network, objective, train, device)
    recorder = None
    if watched is not None:
        recorder = Recorder(Frames.of(progress.run.directory), watched, training.replay_frames)
        recorder.start(network)
    written = time.monotonic()
    last: list[TrainerState] = []

    def keep(state: TrainerState) -> None:
        nonlocal written
        last[:] = [state]
        if time.monotonic() - written > CHECKPOINT_SECONDS:
            state.save(kept)
            written = time.monotonic()

    epochs = fit(
        network,
        objective,
        train,
        validation,
        training,
        seed=derived(spec.seed, MEMBERS, stage, number),
        device=device,
        stop=progress.pausing if stoppable else progress.leaving,
        state=state,
        on_state=keep,
    )
    for epoch in epochs:
        progress.epoch({"stage": stage, "member": number, **epoch.to_json()}, spec.training.epochs)
        for note in epoch.notes:
            progress.note(note)
        if recorder is not None:
            recorder.after(epoch.number, network)
    if last:
        last[0].save(kept)
        if recorder is not None:
            at = last[0].progress
            progress.run.log(recorder.end(at.best_epoch if training.restore_best else at.epoch, network))
    progress.leave_if_told()
    network.to("cpu")
    return bool(last) or state is not None
