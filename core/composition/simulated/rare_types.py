"""Simulated cells for the types that a reference has too few of, and how like real ones they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.composition.simulated.cell_covariates import cell_design
from core.composition.simulated.count_models import fit_counts
from core.composition.simulated.simulated_cells import simulated_cells
from core.composition.simulated.simulated_report import FEWEST_CELLS, SimulationReport, simulation_report

if TYPE_CHECKING:
    import pandas as pd

    from core.specs import DeconvolveSpec


@dataclass(frozen=True)
class AddedCells:
    """Cells that stand beside the real ones in training mixtures.

    Attributes
    ----------
    counts
        (n_cells, n_genes), on the selected genes.
    codes
        (n_cells,), number of each cell's type.
    library
        (n_cells,), counts over all genes, as the real cell has that a simulated one takes after.
    report
        Simulated cells against real ones held out of the fit; ``None`` where no type has two of them.
    """

    counts: sparse.csr_matrix
    codes: np.ndarray
    library: np.ndarray
    report: SimulationReport | None


def added_cells(
    counts: sparse.csr_matrix,
    codes: np.ndarray,
    labels: Sequence[str],
    library: np.ndarray,
    genes: Sequence[str],
    train: np.ndarray,
    test: np.ndarray,
    spec: DeconvolveSpec,
    rng: np.random.Generator,
    covariates: pd.DataFrame | None = None,
) -> AddedCells | None:
    """As many simulated cells of each rare type as bring it to ``spec.simulate_to`` training cells.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts of all reference cells on the selected genes.
    codes, library
        (n_cells,), type and total counts of each cell.
    train, test
        Rows that the model is fitted to, and rows that it is compared with.
    covariates
        (n_cells, ...) columns of the cells, such as a batch.

    Returns
    -------
    ``None`` where every type has enough cells.

    Raises
    ------
    DataError
        If values are not counts, or a covariate cannot be used.
    """
    have = np.bincount(codes[train], minlength=len(labels))
    wanted = {str(labels[k]): int(spec.simulate_to - have[k]) for k in np.flatnonzero(have < spec.simulate_to).tolist()}
    if not wanted:
        return None
    own = sparse.csr_matrix(counts[train])
    seen = np.flatnonzero(np.asarray(own.sum(axis=0)).ravel() > 0)
    cells = cell_design(
        codes[train], list(map(str, labels)), library[train], None if covariates is None else covariates.iloc[train]
    )
    names = [str(genes[column]) for column in seen.tolist()]
    model = fit_counts(sparse.csr_matrix(own[:, seen]), names, cells, zero_inflated=spec.count_model == "zinb")
    drawn = simulated_cells(model, cells, wanted, rng)
    widened = sparse.csr_matrix(
        (drawn.counts.data, seen[drawn.counts.indices], drawn.counts.indptr), (len(drawn), len(genes))
    )
    report = _report(
        sparse.csr_matrix(counts[test]), codes[test], widened, drawn.codes, labels, genes, int(rng.integers(2**31))
    )
    return AddedCells(widened, drawn.codes, drawn.library, report)


def _report(
    real: sparse.csr_matrix,
    real_codes: np.ndarray,
    simulated: sparse.csr_matrix,
    codes: np.ndarray,
    labels: Sequence[str],
    genes: Sequence[str],
    seed: int,
) -> SimulationReport | None:
    enough = [k for k in np.unique(codes) if min((real_codes == k).sum(), (codes == k).sum()) >= FEWEST_CELLS]
    if not enough:
        return None
    kept = np.isin(codes, enough)
    chosen = sparse.csr_matrix(simulated[np.flatnonzero(kept)])
    return simulation_report(real, real_codes, chosen, codes[kept], labels, genes, seed=seed)
