"""Normalisation, scaling and components as learned from the training cells and kept in the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

import numpy as np
from scipy import sparse

from core.data.align import Aligned
from core.data.blocks import Blocks, column_sums, pieces, sampled
from core.data.components import principal_components, semantic_components
from core.data.normalise import Matrix, inverse_frequency, normalised, tfidf
from core.data.scaling import Scaled, Scaling, by_own_range, clipped, learn_scaling
from core.errors import DataError
from core.specs.base import parse
from core.specs.data import TransformSpec

CENTRED = ("centre", "zscore")
"""Scalings whose shift is the mean."""
UNLEARNED = ("none", "sample_minmax")
"""Scalings without statistics of the training cells."""


@dataclass(frozen=True)
class FittedTransform:
    """Counts in, network input out: normalise, fill missing genes, scale, clip, project; one cell at a time or many.

    ``means``: (n_genes,), mean of the training cells after normalisation, before scaling; stands in for missing genes.
    ``scaling``: shift and factor, each (n_genes,). ``loadings``: (n_components, n_genes) and ``centre``: (n_genes,),
    mean of the scaled training cells, None without components. ``explained``: (n_components,), share of variance.
    ``rarity``: (n_genes,), inverse frequency in the training cells, None without TF-IDF. ``spread``: (n_components,),
    standard deviation of the training cells along the components of latent semantic indexing, None without them.
    """

    spec: TransformSpec
    means: np.ndarray
    scaling: Scaling
    loadings: np.ndarray | None = None
    centre: np.ndarray | None = None
    explained: np.ndarray | None = None
    rarity: np.ndarray | None = None
    spread: np.ndarray | None = None

    @property
    def scales(self) -> bool:
        """Whether any input is scaled, so that a set's own statistics can take the place of the training cells'."""
        return self.spec.scale not in UNLEARNED or self.spread is not None

    @property
    def n_inputs(self) -> int:
        """Width of the network's input: genes, or components."""
        return self.means.size if self.loadings is None else self.loadings.shape[0]

    def apply(self, aligned: Aligned, statistics: Literal["learned", "own"] = "learned") -> Matrix:
        """The network's input for some cells.

        Parameters
        ----------
        aligned
            Cells or samples in the order of the model's genes.
        statistics
            learned: scale with the training cells' statistics, so a cell alone gets the same input as in its cohort.
            own: scale with the statistics of the cells given, as DeepSCore scales each set and digitalDLSorteR each
            cohort.

        Returns
        -------
        (n, n_inputs), float32; sparse where ``aligned.values`` is and zero stays zero.

        Raises
        ------
        DataError
            If own statistics are asked of a single cell.
        """
        if statistics == "own":
            return self.own(aligned).apply(aligned)
        if isinstance(aligned.values, Blocks):
            return aligned.values.mapped(partial(_applied, self, aligned), self.n_inputs)
        return self.scale(self.normalise(aligned))

    def when_asked(self, aligned: Aligned) -> Matrix:
        """As `apply`, but a dense input of cells in memory is made of the rows that are asked for, when they are."""
        if isinstance(aligned.values, Blocks):
            return self.apply(aligned)
        return self.scaled(self.normalise(aligned))

    def scaled(self, values: Matrix) -> Matrix:
        """As `scale`, of rows when they are asked for."""
        if self.spec.scale == "none" or self.loadings is not None or not self.scaling.shift.any():
            return self.scale(values)
        return Scaled(values, self.scaling, self.spec.clip) if sparse.issparse(values) else self.scale(values)

    def scale(self, values: Matrix) -> Matrix:
        """The network's input (n, n_inputs) from normalised values in memory (n, n_genes)."""
        if self.spec.scale == "none":
            return self._project(clipped(values, self.spec.clip))
        if self.spec.scale == "sample_minmax":
            return self._project(clipped(by_own_range(values), self.spec.clip))
        return self._project(self.scaling.apply(values, self.spec.clip))

    def own(self, aligned: Aligned) -> FittedTransform:
        """The same transform, scaling with the statistics of ``aligned``.

        Raises
        ------
        DataError
            If it is a single cell.
        """
        if not self.scales:
            return self
        n = aligned.values.shape[0]
        if n < 2:
            raise DataError(
                "A single cell or sample cannot be scaled by its own statistics",
                value=n,
                remedy="Give several, or scale with the statistics of the training cells",
            )
        values = self.normalise(aligned)
        if self.spread is None:
            return replace(self, scaling=learn_scaling(values, self.spec.scale))
        seen = np.concatenate([np.asarray(part @ cast("np.ndarray", self.loadings).T) for _, part in pieces(values)])
        spread = seen.std(axis=0, ddof=1)
        centre = column_sums(values)[0] / n
        return replace(
            self, centre=centre.astype(np.float32), spread=np.where(spread > 0, spread, 1.0).astype(np.float32)
        )

    def normalise(self, aligned: Aligned) -> Matrix:
        """Normalised, unscaled values with missing genes at the reference mean: (n, n_genes), float32."""
        if isinstance(aligned.values, Blocks):
            return aligned.values.mapped(
                lambda part, rows: self.normalise(_part(aligned, part, rows)), aligned.values.shape[1]
            )
        present = aligned.present if aligned.missing else None
        if self.spec.normalise == "tfidf":
            assert self.rarity is not None
            values = tfidf(aligned.values, aligned.unit, aligned.library, self.rarity)
            return values if present is None else _filled(values, present, self.means)
        values = normalised(aligned.values, aligned.unit, self.spec.normalise, aligned.library, present)
        return values if present is None else _filled(values, present, self.means)

    def restore(self, inputs: np.ndarray) -> np.ndarray:
        """Normalised values of each gene from network inputs (or a reproduced profile), clipping aside.

        Shapes: (n, n_inputs) -> (n, n_genes), float32. Genes that never varied come back at their mean.
        """
        scaled = inputs
        if self.loadings is not None and self.centre is not None:
            if self.spread is not None:
                inputs = inputs * self.spread
            scaled = inputs @ self.loadings + self.centre
        return self.scaling.undo(np.asarray(scaled, dtype=np.float32))

    def to_dict(self) -> dict[str, Any]:
        """``spec`` as plain values and ``arrays`` by name, float32."""
        arrays = {"means": self.means, "shift": self.scaling.shift, "factor": self.scaling.factor}
        optional = {"loadings": self.loadings, "centre": self.centre, "explained": self.explained}
        optional |= {"rarity": self.rarity, "spread": self.spread}
        arrays |= {name: array for name, array in optional.items() if array is not None}
        return {"spec": self.spec.model_dump(mode="json"), "arrays": arrays}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FittedTransform:
        """The inverse of ``to_dict``."""
        arrays = {name: np.asarray(array, dtype=np.float32) for name, array in values["arrays"].items()}
        scaling = Scaling(arrays.pop("shift"), arrays.pop("factor"))
        return cls(parse(TransformSpec, values["spec"]), arrays.pop("means"), scaling, **arrays)

    def _project(self, values: Matrix) -> Matrix:
        if self.loadings is None or self.centre is None:
            return values
        projected = np.asarray(values @ self.loadings.T) - self.centre @ self.loadings.T
        if self.spread is not None:
            projected /= self.spread
        return projected.astype(np.float32, copy=False)


def fit(aligned: Aligned, spec: TransformSpec, *, rng: np.random.Generator) -> FittedTransform:
    """Learn the transform from the training cells.

    Parameters
    ----------
    aligned
        Training cells only; what is held out must not be seen here.
    spec
        What to do.
    rng
        Start of the randomised search for components.

    Raises
    ------
    DataError
        If there are no cells, fewer cells or genes than components, or TF-IDF meets values that are no counts.
    """
    n = _learners(aligned, aligned.values.shape[0])
    if spec.normalise == "tfidf":
        return _fit_tfidf(aligned, spec, rng)
    values = normalised(aligned.values, aligned.unit, spec.normalise, aligned.library)
    scaling = learn_scaling(values, spec.scale)
    means = scaling.shift.copy() if spec.scale in CENTRED else (column_sums(values)[0] / n).astype(np.float32)
    if spec.components is None:
        return FittedTransform(spec, means, scaling)
    values = sampled(values, rng) if isinstance(values, Blocks) else values
    scaled = by_own_range(values) if spec.scale == "sample_minmax" else scaling.apply(values, spec.clip)
    return FittedTransform(spec, means, scaling, *principal_components(scaled, spec.components, rng))


def fit_apply(
    aligned: Aligned, train: np.ndarray, spec: TransformSpec, *, rng: np.random.Generator
) -> tuple[FittedTransform, Matrix]:
    """The transform as `fit` learns it from rows ``train``, and what its ``when_asked`` gives of all cells.

    Where nothing stands in the way, cells are normalised once for both.
    """
    if aligned.on_disk or spec.normalise == "tfidf" or spec.scale not in CENTRED or spec.components is not None:
        transform = fit(aligned.rows(train), spec, rng=rng)
        return transform, transform.when_asked(aligned)
    _learners(aligned, len(train))
    values = normalised(aligned.values, aligned.unit, spec.normalise, aligned.library)
    scaling = learn_scaling(values, spec.scale, among=train)
    transform = FittedTransform(spec, scaling.shift.copy(), scaling)
    return transform, transform.scaled(values)


def _learners(aligned: Aligned, n: int) -> int:
    assert not aligned.missing, "features are chosen among the training set's own genes"
    if n == 0:
        raise DataError("There is no cell to learn the scaling from", 0, "Loosen the filters of the Quality page")
    return n


def _fit_tfidf(aligned: Aligned, spec: TransformSpec, rng: np.random.Generator) -> FittedTransform:
    rarity = inverse_frequency(aligned.values)
    values = tfidf(aligned.values, aligned.unit, aligned.library, rarity)
    means = (column_sums(values)[0] / values.shape[0]).astype(np.float32)
    unscaled = Scaling(np.zeros_like(means), np.ones_like(means))
    if spec.components is None:
        return FittedTransform(spec, means, unscaled, rarity=rarity)
    values = sampled(values, rng) if isinstance(values, Blocks) else values
    found = semantic_components(values, spec.components, rng)
    return FittedTransform(
        spec, means, unscaled, found.loadings, found.centre, found.explained, rarity=rarity, spread=found.spread
    )


def _applied(transform: FittedTransform, aligned: Aligned, block: Matrix, rows: np.ndarray) -> Matrix:
    return transform.apply(_part(aligned, block, rows))  # named, so that other processes can be given it


def _part(aligned: Aligned, values: Matrix, rows: np.ndarray) -> Aligned:
    return replace(aligned, values=values, library=aligned.library[rows])


def _filled(values: Matrix, present: np.ndarray, means: np.ndarray) -> Matrix:
    """``values`` with the columns that were not measured at ``means``."""
    n_cells = values.shape[0]
    if isinstance(values, np.ndarray):
        return np.where(present, values, means).astype(np.float32)
    fill: Matrix = sparse.csr_matrix(np.where(present, 0.0, means).astype(np.float32))
    ones: Matrix = sparse.csr_matrix(np.ones((n_cells, 1), dtype=np.float32))
    return sparse.csr_matrix(values + ones @ fill)
