"""Multiome files for tests. None of real cells is at hand, so the peaks are simulated from the cells' own genes.

Each gene opens a few peaks of its own; how open they are in a cell follows a smooth share of the gene's expression in
that cell and its neighbours in type, read with the depth and sparsity of real ATAC data: most peaks are seen in few
cells, and a count above two is rare.
"""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

PEAKS_PER_GENE = 3
WIDTH = 500


def peak_names(n_genes: int, shift: int = 0) -> list[str]:
    """``PEAKS_PER_GENE`` peaks for each gene, spread over 20 chromosomes; ``shift`` moves them by some bases."""
    names = []
    for gene in range(n_genes):
        chromosome, place = f"chr{gene % 20 + 1}", 100_000 * (gene // 20 + 1)
        names += [
            f"{chromosome}:{place + 5000 * k + shift}-{place + 5000 * k + shift + WIDTH}" for k in range(PEAKS_PER_GENE)
        ]
    return names


def simulated_peaks(
    counts: sparse.csr_matrix, seed: int, depth: float = 3000, coupled: float = 0.7, noise: float = 0.3
) -> sparse.csr_matrix:
    """Counts of peaks (n_cells, n_genes * PEAKS_PER_GENE) made from counts of genes.

    Parameters
    ----------
    counts
        (n_cells, n_genes), RNA counts.
    depth
        Typical number of fragments of a cell.
    coupled
        Share of the genes whose peaks follow their expression; all others open alike in every cell.
    noise
        Standard deviation of the log depth of a cell.
    """
    genes_rng = np.random.default_rng(99)  # how genes and peaks are coupled does not depend on the cells
    n_cells, n_genes = counts.shape
    library = np.asarray(counts.sum(axis=1)).ravel()
    level = np.log1p(counts.multiply(1e4 / library[:, None]).tocsr().toarray())
    base = genes_rng.gamma(1.0, 1.0, n_genes) + 0.1
    follows = genes_rng.random(n_genes) < coupled
    slope = np.where(follows, genes_rng.lognormal(0, 0.4, n_genes), 0.0)
    openness = base * (0.3 + slope * level)
    rng = np.random.default_rng(seed)
    share = np.repeat(openness, PEAKS_PER_GENE, axis=1) * genes_rng.gamma(2.0, 0.5, n_genes * PEAKS_PER_GENE)
    share /= share.sum(axis=1, keepdims=True)
    fragments = depth * rng.lognormal(0, noise, n_cells)
    return sparse.csr_matrix(rng.poisson(share * fragments[:, None]).astype(np.float32))


def write_h5mu(path: Path, parts: dict[str, ad.AnnData]) -> Path:
    """An h5mu file as mudata lays it out: one AnnData for each part, and the names of all cells."""
    cells = next(iter(parts.values())).obs_names
    for part in parts.values():
        cells = cells.union(part.obs_names, sort=False)
    with h5py.File(path, "w") as file:
        for name, part in parts.items():
            ad.io.write_elem(file, f"mod/{name}", part)
        ad.io.write_elem(file, "obs", pd.DataFrame(index=cells))
        ad.io.write_elem(file, "var", pd.DataFrame(index=pd.Index([], dtype=str)))
    return path


def write_tenx_multiome(path: Path, genes: ad.AnnData, peaks: ad.AnnData) -> Path:
    """A Cell Ranger ARC h5: genes and peaks of the same cells in one matrix, features in its rows."""
    counts = sparse.hstack([genes.X, peaks.X], format="csr")
    names = [*genes.var_names, *peaks.var_names]
    types = ["Gene Expression"] * genes.n_vars + ["Peaks"] * peaks.n_vars
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name, values in (("data", counts.data), ("indices", counts.indices), ("indptr", counts.indptr)):
            group[name] = values
        group["shape"] = np.array(counts.shape[::-1])
        group["barcodes"] = np.array(list(genes.obs_names), dtype="S")
        features = group.create_group("features")
        for name, values in (("id", names), ("name", names), ("feature_type", types)):
            features[name] = np.array(values, dtype="S")
    return path
