"""Measure what each precision gains and costs: at the start of a run, or for the draft before it is started."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import write_json
from core.project import Project
from core.runs.measured import FILE, Measured, measured
from core.specs import RunSpec, TrainSpec, content_key
from core.tasks.readiness import Sizes, sizes
from core.workspace import workspace

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.networks.network import Network
    from core.networks.objective import Objective
    from core.training.batches import ArrayBatches, Batches

ERROR_LIMIT = 0.02
LEAST_GAIN = 1.1
"""``auto`` takes the fastest precision whose error is at most 2 %, and fp32 where none is a tenth faster."""
CELLS = 4096
NON_ZERO = 0.1
"""Cells and share of values above zero of the numbers that stand for a reference before anything is read."""


def settled(
    folder: Path,
    spec: TrainSpec,
    network: nn.Module,
    objective: Objective,
    batches: Batches,
    device: torch.device,
) -> TrainSpec:
    """``spec`` with the precision that is trained in; what was measured lies in ``folder`` afterwards.

    A run is measured once on each machine. Resumed, it keeps the precision it began with, or its numbers would change
    in the middle. Where memory is too small to measure in, nothing is kept, and auto means fp32.
    """
    before = measured(folder)
    if before is None or before.host != socket.gethostname() or before.device != device.type:
        found = _tried(spec, network, objective, batches, device)
        if found is None:
            return spec.model_copy(update={"precision": _chosen((), spec.precision)})
        if before is not None:
            found = replace(found, chosen=before.chosen)
        write_json(folder / FILE, _fields(found))
        before = found
    return spec.model_copy(update={"precision": before.chosen})


def measured_here(project: Project, draft: RunSpec) -> Measured | None:
    """What was measured for a network of the draft's sizes on this machine; None where that has not been done."""
    found, asked = measured(_folder(draft, sizes(project, draft))), draft.training.precision
    return None if found is None else replace(found, asked=asked, chosen=_chosen(found.modes, asked))


def measure_draft(project_root: str) -> None:
    """Measure the draft's network on numbers of its sizes and keep the answer for this machine.

    Raises
    ------
    SpecError
        If the draft's network cannot be built.
    """
    from core.networks.objective import Objective
    from core.training.device import choose

    project = Project(Path(project_root))
    draft = project.draft
    known = sizes(project, draft)
    network, device = _network(draft, known), choose(draft.training.device)
    found = _measure(draft.training, network, Objective(draft.objective), _stand_ins(draft, known), device)
    write_json(_folder(draft, known) / FILE, _fields(found))


def _network(draft: RunSpec, known: Sizes) -> Network:
    """The draft's network with start weights that need no data."""
    import torch

    from core.networks.build import build
    from core.networks.shape import components_needed
    from core.training.seeding import generator

    needed = components_needed(draft.network)
    return build(
        draft.network,
        draft.objective,
        known.inputs,
        known.classes,
        generator(draft.seed),
        components=torch.eye(needed, known.inputs) if needed else None,
        mask=torch.ones(draft.network.hidden[0].units, known.inputs) if draft.network.gene_sets else None,
    )


def _stand_ins(draft: RunSpec, known: Sizes) -> ArrayBatches:
    """Counts of the draft's sizes, or normal values where the network sees scaled ones; types drawn evenly."""
    import numpy as np
    from scipy import sparse

    from core.training.batches import ArrayBatches

    rng = np.random.default_rng(draft.seed)
    cells = min(max(draft.training.batch_size, known.examples), CELLS)
    x = rng.standard_normal((cells, known.inputs), dtype=np.float32)
    transform = draft.data.transform
    if transform.scale == "none" and not transform.components:
        x = sparse.csr_matrix(np.where(rng.random(x.shape, dtype=np.float32) < NON_ZERO, 1 + np.abs(x), 0))
    shares = rng.dirichlet(np.ones(known.classes), cells) if draft.objective.proportions else None
    return ArrayBatches(x, labels=rng.integers(known.classes, size=cells), proportions=shares)


def _folder(draft: RunSpec, known: Sizes) -> Path:
    """Where this machine keeps what it measured for networks of these sizes."""
    training = draft.training
    key = content_key(
        socket.gethostname(),
        version("torch"),
        draft.network,
        draft.objective,
        [draft.data.transform.scale, known.inputs, known.classes],
        [training.batch_size, training.device, training.threads],
    )
    return workspace().cache / "precision" / key


def _chosen(modes: tuple[Mapping[str, Any], ...], asked: str) -> str:
    """The precision that is trained in: the one asked for, or by the rule of ``auto``."""
    if asked != "auto":
        return asked
    if not modes:
        return "fp32"
    allowed = [m for m in modes if m["precision"] == "fp32" or (m["error"] <= ERROR_LIMIT and m["speed"] >= LEAST_GAIN)]
    return max(allowed, key=lambda mode: mode["speed"])["precision"]


def _measure(
    spec: TrainSpec, network: nn.Module, objective: Objective, batches: Batches, device: torch.device
) -> Measured:
    from core.training.probe import measure

    found = measure(network, objective, batches, batch_size=spec.batch_size, device=device, n_threads=spec.threads)
    modes = tuple(mode.to_json() for mode in found)
    return Measured(
        asked=spec.precision,
        chosen=_chosen(modes, spec.precision),
        modes=modes,
        limit=ERROR_LIMIT,
        cells=min(spec.batch_size, batches.n),
        device=device.type,
        threads=spec.threads,
        host=socket.gethostname(),
    )


def _tried(
    spec: TrainSpec, network: nn.Module, objective: Objective, batches: Batches, device: torch.device
) -> Measured | None:
    """What was measured; ``None`` where memory ran out, which training itself may still escape by a smaller batch."""
    from core.training.memory import is_out_of_memory

    try:
        return _measure(spec, network, objective, batches, device)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def _fields(found: Measured) -> dict[str, Any]:
    return {**asdict(found), "modes": [dict(mode) for mode in found.modes]}
