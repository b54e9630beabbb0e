"""The average cell of a reference and of each of its types: where attributions start, what cells are compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.align import Aligned
from core.data.markers import MarkerScores
from core.data.transform import FittedTransform
from core.interpretation.saliency import sample_of_each
from core.specs import RunSpec
from core.tasks.judge import dense
from core.tasks.prepare import IMPACT, rng

BASELINE_CELLS = 5000
"""Reference cells whose mean is the average cell."""
CELLS = 1000
"""Reference cells of a type that its scaled mean is taken over, at most."""
AVERAGE = "\x00average"
"""Column of the average cell; no type is called so."""


@dataclass(frozen=True)
class Types:
    """Genes of the model x types of the reference.

    ``expression``: mean ln(1 + CP10K). ``scaled``: mean of the scaled genes, with the column ``average`` of all cells.
    ``rank``: place among the type's markers, 1 the strongest; missing where a gene is none.
    """

    expression: pd.DataFrame
    scaled: pd.DataFrame
    rank: pd.DataFrame


def types_of(scores: MarkerScores, scaled: dict[str, np.ndarray]) -> Types:
    """Averages and ranks as tables.

    Parameters
    ----------
    scores
        Of the model's genes, for each type.
    scaled
        From `scaled_means`.
    """
    genes = pd.Index(scores.genes, name="gene")
    rank = pd.DataFrame(np.nan, index=genes, columns=pd.Index(scores.labels))
    for name, order in scores.order.items():
        rank.iloc[order, rank.columns.get_loc(name)] = np.arange(1, len(order) + 1)
    expression = pd.DataFrame(scores.moments.mean.T, index=genes, columns=pd.Index(scores.labels))
    return Types(expression, pd.DataFrame(scaled, index=genes), rank)


def scaled_means(cells: Aligned, known: np.ndarray, transform: FittedTransform, spec: RunSpec) -> dict[str, np.ndarray]:
    """(n_genes,) for the average cell and each type, scaled as in training, before components are taken.

    Parameters
    ----------
    cells
        The reference in the model's genes.
    known
        (n_cells,), types.
    transform
        The model's.
    spec
        Its seed draws the cells of large types.
    """
    means, draw = {AVERAGE: average_cell(cells, known, transform, spec)}, rng(spec, IMPACT, 5)
    for name in sorted(set(known)):
        rows = np.flatnonzero(known == name)
        rows = np.sort(draw.choice(rows, CELLS, replace=False)) if len(rows) > CELLS else rows
        means[str(name)] = _mean(cells, rows, transform)
    return means


def average_cell(cells: Aligned, known: np.ndarray, transform: FittedTransform, spec: RunSpec) -> np.ndarray:
    """(n_genes,), the average cell alone; as `scaled_means`."""
    return _mean(cells, sample_of_each(known, BASELINE_CELLS, rng(spec, IMPACT, 2)), transform)


def scaled_genes(transform: FittedTransform, aligned: Aligned) -> np.ndarray:
    """(n_cells, n_genes), scaled and clipped as in training, before components are taken."""
    return dense(replace(transform, loadings=None, centre=None).apply(aligned))


def _mean(cells: Aligned, rows: np.ndarray, transform: FittedTransform) -> np.ndarray:
    return scaled_genes(transform, cells.rows(rows).in_memory()).mean(axis=0)
