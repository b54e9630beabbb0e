"""Simulated mixtures: which proportions, and which cells of the reference make them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

from core.composition import designs
from core.composition.priors import guessed_ranges
from core.errors import SpecError

if TYPE_CHECKING:
    from core.composition.pool import Pool
    from core.specs.composition import DeconvolveSpec


@dataclass(frozen=True)
class Mixtures:
    """Simulated samples of known composition.

    Attributes
    ----------
    proportions
        (n_mixtures, n_types), the shares of the cells drawn; rows sum to one.
    design
        (n_mixtures,), position in ``design_names`` of the set each mixture belongs to.
    design_names
        Names of the sets.
    cells
        (n_cells_drawn,), row numbers into the reference, mixture after mixture.
    starts
        (n_mixtures + 1,), where each mixture begins in ``cells``.
    """

    proportions: np.ndarray
    design: np.ndarray
    design_names: tuple[str, ...]
    cells: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.proportions)

    @property
    def sizes(self) -> np.ndarray:
        """(n_mixtures,), cells in each mixture."""
        return np.diff(self.starts)

    def cells_of(self, mixture: int) -> np.ndarray:
        """(cells drawn,), row numbers of one mixture's cells."""
        return self.cells[self.starts[mixture] : self.starts[mixture + 1]]


def mixtures(
    pool: Pool,
    n: int,
    spec: DeconvolveSpec,
    rng: np.random.Generator,
    priors: np.ndarray | None = None,
    frequencies: np.ndarray | None = None,
) -> Mixtures:
    """``n`` mixtures of the design, with their cells.

    The number of cells of a mixture is log-uniform from ``cells_low`` to ``cells_high``. The percentages of the six
    published sets, and the shares of ``scaden``, are met as nearly as whole cells allow; the ``dirichlet`` design draws
    the cells of each type from a multinomial. Cells are drawn without replacement within a type, unless the type has
    fewer cells than needed.

    Parameters
    ----------
    pool
        The cells that may be drawn.
    n
        Mixtures to make.
    spec
        Design, cells per mixture and exclusion.
    priors
        (n_types, 2), smallest and largest percentage of each type; guessed from the frequencies if empty.
    frequencies
        (n_types,), each type's share of the reference; that of the pool if empty.

    Raises
    ------
    SpecError
        If the smallest number of cells exceeds the largest.

    Source: digitalDLSorteR, ``generateBulkCellMatrix``; digitalDLSorteR re-uses 100 fixed cells per mixture.
    """
    frequencies = pool.frequencies if frequencies is None else frequencies
    ranges = guessed_ranges(frequencies) if priors is None else priors
    low, high = cell_range(spec)
    sizes = np.exp(rng.uniform(np.log(low), np.log(high), n)).round().astype(np.int64)
    wanted, design, names = planned(n, frequencies, spec, rng, ranges)
    counts = rng.multinomial(sizes, wanted) if spec.design == "dirichlet" else designs.whole_parts(wanted, sizes)
    return from_counts(pool, counts, rng, design, names)


def cell_range(spec: DeconvolveSpec) -> tuple[int, int]:
    """Fewest and most cells of a mixture.

    Raises
    ------
    SpecError
        If the smallest number exceeds the largest.
    """
    if spec.cells_low > spec.cells_high:
        raise SpecError("Cells per mixture run backwards", (spec.cells_low, spec.cells_high), "Swap the two numbers")
    return spec.cells_low, spec.cells_high


def planned(
    n: int, frequencies: np.ndarray, spec: DeconvolveSpec, rng: np.random.Generator, ranges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """The proportions that the design asks for, before any cell is drawn.

    Returns
    -------
    proportions
        (n, n_types), whole percent of the six published sets, else shares that sum to one.
    design
        (n,), position in the names of the set each mixture belongs to.
    names
        The names of the sets.
    """
    if spec.design == "digital_sorter":
        return *designs.six_sets(n, ranges, spec.sparsity, rng), designs.SIX_SETS
    if spec.design == "scaden":
        return *designs.scaden(n, len(frequencies), rng), designs.SCADEN_SETS
    return *designs.dirichlet(n, frequencies, rng), designs.DIRICHLET_SETS


def single_cells(pool: Pool, n: int, rng: np.random.Generator) -> Mixtures:
    """``n`` samples of one cell each, no cell twice before every cell was drawn once."""
    rounds = -(-n // len(pool.rows))
    order = np.concatenate([rng.permutation(len(pool.rows)) for _ in range(rounds)])[:n]
    codes = np.searchsorted(pool.starts, order, side="right") - 1
    design = np.zeros(n, dtype=np.int8)
    return Mixtures(np.eye(pool.n_types)[codes], design, ("single cells",), pool.rows[order], np.arange(n + 1))


def from_counts(
    pool: Pool,
    counts: np.ndarray,
    rng: np.random.Generator,
    design: np.ndarray | None = None,
    design_names: tuple[str, ...] = ("given",),
) -> Mixtures:
    """Mixtures with ``counts`` (n_mixtures, n_types) cells of each type."""
    counts = np.ascontiguousarray(counts, dtype=np.int64)
    sizes = counts.sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    cells = _draw(pool.rows.copy(), pool.starts, counts, rng.random(int(starts[-1])))
    design = np.zeros(len(counts), dtype=np.int8) if design is None else design
    return Mixtures(counts / sizes[:, None], design, design_names, cells, starts)


@numba.njit(cache=True, nogil=True)
def _draw(rows: np.ndarray, starts: np.ndarray, counts: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    cells = np.empty(uniform.size, dtype=np.int64)
    at = 0
    for mixture in range(counts.shape[0]):
        for kind in range(counts.shape[1]):
            first, size, wanted = starts[kind], starts[kind + 1] - starts[kind], counts[mixture, kind]
            for drawn in range(wanted):
                if wanted > size:
                    cells[at] = rows[first + int(uniform[at] * size)]
                else:  # a partial shuffle: no cell twice, whatever order the last mixture left behind
                    other = first + drawn + int(uniform[at] * (size - drawn))
                    cells[at] = rows[other]
                    rows[other] = rows[first + drawn]
                    rows[first + drawn] = cells[at]
                at += 1
    return cells
