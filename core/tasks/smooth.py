"""Cells smoothed over their own neighbours before a model judges them."""

from __future__ import annotations

import numpy as np

from core.annotation.smoothing import averaged, likeness_space
from core.data.align import Aligned, align
from core.data.dataset import Dataset
from core.data.normalise import LINEAR_UNITS
from core.embedding.neighbours import nearest_neighbours
from core.errors import DataError
from core.specs import AnalysisSpec, AnnotateSpec

FEWEST = 10


def smoothed(cells: Aligned, seen: Aligned | None, spec: AnnotateSpec, rng: np.random.Generator) -> Aligned:
    """``cells`` as ``spec.smoothing`` asks for; as they are where it asks for none.

    Parameters
    ----------
    cells
        A query, or held-out reference cells that stand for one. They are compared with each other alone.
    seen
        The same cells by all genes of their file: which cells are alike shows better there than in the model's genes.
    spec
        Of the annotation.
    rng
        Start of the search for components.

    Raises
    ------
    DataError
        If the values are no counts, or there are too few cells.
    """
    if spec.smoothing is None or seen is None:
        return cells
    if cells.unit not in LINEAR_UNITS:
        remedy = "Use a file with counts, or leave analysis.smoothing empty"
        raise DataError("Smoothing averages counts", cells.unit, remedy)
    n = cells.values.shape[0]
    if n < FEWEST:
        remedy = f"Give {FEWEST} or more, or leave analysis.smoothing empty"
        raise DataError("There are too few cells to smooth", n, remedy)
    places = likeness_space(seen, spec.smoothing.space, spec.smoothing.components, rng)
    neighbours = nearest_neighbours(places, spec.smoothing.neighbours)
    return averaged(cells, neighbours.indices, spec.smoothing.share)


def by_all_genes(dataset: Dataset, spec: AnalysisSpec) -> Aligned | None:
    """The cells of ``dataset`` by all its genes, where ``spec`` asks for smoothing."""
    if not isinstance(spec, AnnotateSpec) or spec.smoothing is None:
        return None
    return align(dataset, list(dataset.genes))
