"""From data sets to the numbers a network is trained on: genes, transform, labels, split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.align import Aligned, align
from core.data.dataset import Dataset
from core.data.feature_space import FeatureSpace
from core.data.features import select
from core.data.normalise import Matrix
from core.data.split import stratified_split
from core.data.transform import FittedTransform, fit
from core.specs import RunSpec
from core.tasks.load import gene_sets
from core.tasks.progress import Progress

SPLIT, TRANSFORM, MEMBERS, MIXTURES, CALIBRATION, IMPACT = range(6)
"""Purposes of random numbers; each gets a stream of its own, so that one more draw in one changes no other."""


@dataclass(frozen=True)
class Prepared:
    """A reference ready for training.

    ``x``: (n_cells, n_inputs), what the network sees. ``labels``: (n_cells,) numbers into ``classes``, or None.
    ``train`` and ``validation``: row numbers; the transform was learned from ``train`` alone.
    """

    features: FeatureSpace
    aligned: Aligned
    transform: FittedTransform
    x: Matrix
    labels: np.ndarray | None
    classes: tuple[str, ...]
    train: np.ndarray
    validation: np.ndarray


def rng(spec: RunSpec, *purpose: int) -> np.random.Generator:
    """The random numbers of ``spec`` for one purpose."""
    return np.random.default_rng([spec.seed, *purpose])


def prepare(
    reference: Dataset,
    spec: RunSpec,
    progress: Progress,
    *,
    query: Dataset | None = None,
) -> Prepared:
    """Choose genes, split cells, learn the transform on the training cells and apply it to all."""
    progress.phase("Choosing genes")
    features = select(reference, spec.features, query=query, gene_sets=gene_sets(spec.data))
    if len(features.genes) < features.target and spec.features.rule not in ("gene_sets", "own_list", "all"):
        progress.run.log(f"{len(features.genes):,} genes were found; {features.target:,} were asked for")
    aligned = align(reference, features.genes)
    labels, classes = numbered(reference) if spec.objective.classes else (None, ())
    strata = reference.labels.to_numpy() if labels is not None else reference.n_cells
    train, validation = np.arange(reference.n_cells), np.arange(0)
    if spec.training.validation_share > 0:
        train, validation = stratified_split(strata, spec.training.validation_share, rng(spec, SPLIT))
    transform = fit(aligned.rows(train), spec.data.transform, rng=rng(spec, TRANSFORM))
    return Prepared(features, aligned, transform, transform.apply(aligned), labels, classes, train, validation)


def numbered(reference: Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n_cells,) number of each cell's type, and the types in alphabetical order."""
    labels = reference.labels.astype(str)
    classes = tuple(sorted(labels.unique()))
    place = {name: number for number, name in enumerate(classes)}
    return labels.map(place).to_numpy(dtype=np.int64), classes
