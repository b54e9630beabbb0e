"""New cells of chosen types, drawn from a count model: more of what a reference has too few of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.composition.simulated.cell_covariates import CellDesign
from core.composition.simulated.count_models import CountModel
from core.errors import DataError

BLOCK = 1_000
SUFFIX = "simulated"


@dataclass(frozen=True)
class SimulatedCells:
    """Cells that no one measured.

    Attributes
    ----------
    counts
        (n_cells, n_genes), drawn counts.
    names
        (n_cells,), name of each cell: its type, ``simulated`` and a number.
    codes
        (n_cells,), number of each cell's type in the model's labels.
    parents
        (n_cells,), row number of the real cell that library size and covariates come from.
    library
        (n_cells,), counts over all genes that the parent has.
    """

    counts: sparse.csr_matrix
    names: np.ndarray
    codes: np.ndarray
    parents: np.ndarray
    library: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def simulated_cells(
    model: CountModel, cells: CellDesign, wanted: Mapping[str, int], rng: np.random.Generator
) -> SimulatedCells:
    """New cells of chosen types.

    Parameters
    ----------
    model
        The fitted distributions.
    cells
        The real cells that library sizes and covariates are taken from, with replacement within the type.
    wanted
        Cells of each type.
    rng
        Fixes what is drawn.

    Raises
    ------
    DataError
        If a type is unknown to the model, has no real cell to take a library size from, or less than one cell is asked
        for.

    Source: digitalDLSorteR, ``simSCProfiles``; each gene has its own dispersion whatever the block.
    """
    blocks = list(simulated_blocks(model, cells, wanted, rng))
    counts = sparse.csr_matrix(sparse.vstack([block.counts for block in blocks], format="csr"))
    parts = (np.concatenate([getattr(b, part) for b in blocks]) for part in ("names", "codes", "parents", "library"))
    return SimulatedCells(counts, *parts)


def simulated_blocks(
    model: CountModel,
    cells: CellDesign,
    wanted: Mapping[str, int],
    rng: np.random.Generator,
    *,
    block: int = BLOCK,
) -> Iterator[SimulatedCells]:
    """The cells of :func:`simulated_cells`, at most ``block`` at a time; its size changes nothing that is drawn."""
    _check_wanted(model, cells, wanted)
    choice, draws, zeros = rng.spawn(3)
    parents = np.concatenate(
        [choice.choice(np.flatnonzero(cells.codes == model.labels.index(name)), n) for name, n in wanted.items()]
    )
    names = np.array([f"{name}_{SUFFIX}_{number + 1}" for name, n in wanted.items() for number in range(n)])
    for first in range(0, len(parents), block):
        part = slice(first, first + block)
        chosen = cells.rows(parents[part])
        counts = _drawn(model, chosen, draws, zeros)
        yield SimulatedCells(counts, names[part], chosen.codes, parents[part], chosen.library)


def _drawn(
    model: CountModel, cells: CellDesign, draws: np.random.Generator, zeros: np.random.Generator
) -> sparse.csr_matrix:
    log_means = model.log_means(cells)
    counts = draws.negative_binomial(model.theta, model.theta / (model.theta + np.exp(log_means)))
    if model.zero_inflated.any():
        counts[zeros.random(counts.shape) < model.zero_shares(log_means)] = 0
    return sparse.csr_matrix(counts, dtype=np.float32)


def _check_wanted(model: CountModel, cells: CellDesign, wanted: Mapping[str, int]) -> None:
    unknown = [name for name in wanted if name not in model.labels]
    if unknown:
        raise DataError("Some types are not in the count model", unknown, f"Choose from {', '.join(model.labels)}")
    if not wanted or min(wanted.values()) < 1:
        raise DataError("No cells were asked for", dict(wanted), "Ask for at least one cell of at least one type")
    bare = [name for name in wanted if not (cells.codes == model.labels.index(name)).any()]
    if bare:
        raise DataError("Some types have no real cell to take a library size from", bare, "Add cells of these types")
