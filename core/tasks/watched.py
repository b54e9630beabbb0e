"""Which cells, or mixtures, a replay shows: a fixed sample, drawn by the run's seed with every type in its share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.composition.plan import Plan
from core.data.align import align
from core.data.dataset import Dataset
from core.data.normalise import Matrix
from core.runs.frames import Sample
from core.specs import RunSpec
from core.tasks.judge import dense
from core.tasks.load import labels_or_none
from core.tasks.prepare import REPLAY, Prepared, rng

MOST_CELLS = 2000
FEWEST_CELLS = 500
SHARE_OF_CELLS = 0.25
MOST_VALUES = 2**18
"""Cells times code units of a frame: wide codes are kept of fewer cells, so that a replay stays within 30 MB."""


class Watched:
    """Cells that are watched while training: who they are, and (n, n_inputs) what the network sees of them."""

    def __init__(self, sample: Sample, x: np.ndarray) -> None:
        self.sample, self.x = sample, x


def watched_cells(prepared: Prepared, reference: Dataset, query: Dataset | None = None) -> Watched | None:
    """Reference cells, and as many query cells where there is a query; ``None`` where the run keeps no frames."""
    spec = prepared.spec
    if not spec.training.replay_frames:
        return None
    datasets = {"reference": reference} | ({"query": query} if query is not None else {})
    chosen = np.random.default_rng(rng(spec, REPLAY).integers(2**63))
    parts: list[tuple[str, Dataset, np.ndarray, Matrix]] = []
    for number, (name, cells) in enumerate(datasets.items()):
        size = sample_size(cells.n_cells, spec.network.code_units) // len(datasets)
        rows = stratified(_strata(cells), size, chosen)
        x = (
            prepared.x[rows]
            if number == 0
            else prepared.transform.apply(align(cells, prepared.features.genes).rows(rows))
        )
        parts.append((name, cells, rows, x))
    sample = Sample(
        names=tuple(str(name) for _, cells, rows, _ in parts for name in cells.adata.obs_names[rows]),
        part=tuple(name for name, _, rows, _ in parts for _ in rows),
        labels=tuple(label for _, cells, rows, _ in parts for label in _strata(cells)[rows]),
        classes=prepared.classes,
    )
    return Watched(sample, np.concatenate([dense(x) for *_, x in parts]))


def watched_mixtures(plan: Plan, spec: RunSpec) -> Watched | None:
    """Further mixtures of training cells, each known by its largest part."""
    if not spec.training.replay_frames:
        return None
    size = sample_size(plan.n_train, spec.network.code_units)
    samples = plan.monitoring(size / plan.n_train)
    largest = samples.proportions.argmax(axis=1)
    n = len(largest)
    sample = Sample(
        names=tuple(f"mixture {number + 1}" for number in range(n)),
        part=("mixtures",) * n,
        labels=tuple(plan.answers[number] for number in largest),
        classes=plan.answers,
    )
    return Watched(sample, plan.to_input(samples.values))


def sample_size(n_cells: int, n_units: int) -> int:
    """Cells to watch: a quarter, at least 500 and at most 2,000; fewer of a wide code."""
    wanted = min(max(round(SHARE_OF_CELLS * n_cells), FEWEST_CELLS), MOST_CELLS, MOST_VALUES // n_units)
    return max(min(wanted, n_cells), 1)


def stratified(labels: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """``size`` row numbers, in order, with every value of ``labels`` (n,) in its share and, if there is room, once."""
    if size >= len(labels):
        return np.arange(len(labels))
    kinds, codes = np.unique(labels, return_inverse=True)
    order = rng.permutation(len(labels))
    place = np.empty(len(labels))
    for kind in range(len(kinds)):
        rows = order[codes[order] == kind]
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
        place[rows[0]] -= 1.0  # the first of each type stands before all others
    return np.sort(np.argsort(place, kind="stable")[:size])


def _strata(cells: Dataset) -> np.ndarray:
    """(n,) known types; empty words where a set has none."""
    labels = labels_or_none(cells)
    if labels is None:
        return np.full(cells.n_cells, "", dtype=object)
    return pd.Series(labels).fillna("").astype(str).to_numpy(dtype=object)
