"""From data sets to the numbers a network is trained on: genes, transform, labels, split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.align import Aligned, align
from core.data.blocks import LEARNED_FROM, Blocks
from core.data.dataset import Dataset
from core.data.feature_space import FeatureSpace
from core.data.features import select
from core.data.normalise import LINEAR_UNITS, Matrix
from core.data.split import stratified_split
from core.data.transform import FittedTransform, fit_apply
from core.errors import DataError
from core.specs import RunSpec
from core.tasks.gene_set_layer import GeneSetLayer, with_gene_sets
from core.tasks.gene_steps import keep_steps
from core.tasks.load import gene_sets
from core.tasks.progress import Progress
from core.tasks.smooth import by_all_genes

SPLIT, TRANSFORM, MEMBERS, MIXTURES, CALIBRATION, IMPACT, REPLAY, SMOOTHING = range(8)
"""Purposes of random numbers; each gets a stream of its own, so that one more draw in one changes no other."""


@dataclass(frozen=True)
class Prepared:
    """A reference ready for training.

    ``spec``: the run's settings, with the first layer's width where gene sets decide it; ``layer``: those sets.
    ``x``: (n_cells, n_inputs), what the network sees. ``labels``: (n_cells,) numbers into ``classes``, or None.
    ``train`` and ``validation``: row numbers; the transform was learned from ``train`` alone. ``seen``: the cells by
    all their genes, where smoothing compares them.
    """

    spec: RunSpec
    features: FeatureSpace
    aligned: Aligned
    transform: FittedTransform
    x: Matrix
    labels: np.ndarray | None
    classes: tuple[str, ...]
    train: np.ndarray
    validation: np.ndarray
    layer: GeneSetLayer | None = None
    seen: Aligned | None = None


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
    sets = gene_sets(spec.data)
    features = select(reference, spec.features, query=query, gene_sets=sets)
    keep_steps(features, progress)
    if len(features.genes) < features.target and spec.features.rule not in ("gene_sets", "own_list", "all"):
        progress.run.log(f"{len(features.genes):,} genes were found; {features.target:,} were asked for")
    spec, layer = with_gene_sets(spec, sets, features.genes, progress.run.directory)
    aligned = align(reference, features.genes)
    require_counts(spec, aligned)
    labels, classes = numbered(reference) if spec.objective.classes else (None, ())
    strata = reference.labels.to_numpy() if labels is not None else reference.n_cells
    train, validation = np.arange(reference.n_cells), np.arange(0)
    if spec.training.validation_share > 0:
        train, validation = stratified_split(strata, spec.training.validation_share, rng(spec, SPLIT))
    transform, x = fit_apply(aligned, train, spec.data.transform, rng=rng(spec, TRANSFORM))
    if transform.loadings is not None and aligned.on_disk and len(train) > LEARNED_FROM:
        progress.note(f"The principal components that the network sees were learned from {LEARNED_FROM:,} cells.")
    seen = by_all_genes(reference, spec.analysis)
    return Prepared(spec, features, aligned, transform, x, labels, classes, train, validation, layer, seen)


def require_counts(spec: RunSpec, cells: Aligned) -> None:
    """Refuse cells that a loss of counts cannot be compared with.

    Raises
    ------
    DataError
        If the network of ``spec`` is to rebuild counts and ``cells`` has values below zero, or if it has a
        library-size offset and the values do not add up to a total.
    """
    head = spec.objective.reconstruction
    if head is None or not head.counts:
        return
    remedy = "Use a file that holds raw counts, or the loss mse"
    if spec.network.library_size and cells.unit not in LINEAR_UNITS:
        raise DataError("A library-size offset needs raw counts", cells.unit, remedy)
    values = cells.values
    lowest = values.lowest if isinstance(values, Blocks) else values.min() if values.shape[0] else 0.0
    if cells.unit not in LINEAR_UNITS and lowest < 0:
        raise DataError(
            f"A {head.loss} loss needs counts, and the values go below zero", f"{float(lowest):.3g}", remedy
        )


def numbered(reference: Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    """(n_cells,) number of each cell's type, and the types in alphabetical order."""
    labels = reference.labels.astype(str)
    classes = tuple(sorted(labels.unique()))
    place = {name: number for number, name in enumerate(classes)}
    return labels.map(place).to_numpy(dtype=np.int64), classes
