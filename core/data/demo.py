"""A demonstration that needs no download: 700 blood cells that come with scanpy, taken apart into three roles.

The cells are scanpy's ``pbmc68k_reduced`` (Zheng et al. 2017, 765 genes). Labels of the query and proportions of the
bulk samples are known, so every answer can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.demo_gene_sets import GENE_SETS
from core.data.normalise import Matrix
from core.data.split import stratified_split

if TYPE_CHECKING:
    from anndata import AnnData

LABEL_COLUMN = "cell_type"
HIDDEN_TRUTH = "hidden_truth"
"""Column of the query's labels, named so that nobody trains on it by mistake."""
QUERY_CELLS = 200
BULK_CELLS = 100
BULK_SAMPLES = 6
CELLS_PER_SAMPLE = 500


@dataclass(frozen=True)
class Demo:
    """400 labelled cells, 200 cells whose labels are hidden, and six mixtures of 100 further cells.

    ``bulk``: genes x samples, counts. ``truth``: samples x cell types, rows sum to 1. ``gene_sets``: name -> genes.
    """

    reference: AnnData
    query: AnnData
    bulk: pd.DataFrame
    truth: pd.DataFrame
    gene_sets: dict[str, list[str]]


def demo_sets(rng_seed: int = 0) -> Demo:
    """The demonstration's data; the same seed gives the same data."""
    rng = np.random.default_rng(rng_seed)
    cells = _cells_with_counts()
    labels = cells.obs[LABEL_COLUMN].astype(str).to_numpy()
    rest, bulk_rows = stratified_split(labels, BULK_CELLS / len(labels), rng)
    reference_rows, query_rows = stratified_split(labels[rest], QUERY_CELLS / rest.size, rng)
    bulk, truth = _mixtures(cells[bulk_rows].copy(), sorted(set(labels)), rng)
    query = cells[rest[query_rows]].copy()
    query.obs = pd.DataFrame(
        {HIDDEN_TRUTH: query.obs[LABEL_COLUMN].to_numpy(), "phase": query.obs["phase"].to_numpy()},
        index=query.obs_names,
    )
    reference = cells[rest[reference_rows]].copy()
    return Demo(reference, query, bulk, truth, {name: list(genes) for name, genes in GENE_SETS.items()})


def write_demo(folder: Path) -> dict[str, Path]:
    """Write the demonstration's files, as a user would bring them.

    Returns
    -------
    Paths of reference (h5ad), query (h5ad), bulk (csv), truth (csv) and gene_sets (gmt).
    """
    folder.mkdir(parents=True, exist_ok=True)
    endings = {"reference": "h5ad", "query": "h5ad", "bulk": "csv", "truth": "csv", "gene_sets": "gmt"}
    paths = {name: folder / f"{name}.{ending}" for name, ending in endings.items()}
    demo = demo_sets()
    demo.reference.write_h5ad(paths["reference"])
    demo.query.write_h5ad(paths["query"])
    demo.bulk.to_csv(paths["bulk"], index_label="gene")
    demo.truth.to_csv(paths["truth"], index_label="sample")
    lines = ["\t".join([name, "CellDesk demonstration", *genes]) for name, genes in demo.gene_sets.items()]
    paths["gene_sets"].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths


def _cells_with_counts() -> AnnData:
    """All 700 cells with raw counts: the file holds ln(1 + CP10K) to three decimals and each cell's total."""
    import anndata
    import scanpy

    source = scanpy.datasets.pbmc68k_reduced()
    values: Matrix = sparse.csr_matrix(source.raw.X, dtype=np.float64)
    total = np.repeat(source.obs["n_counts"].to_numpy().astype(np.float64), np.diff(values.indptr))
    values.data = np.rint(np.expm1(values.data) * total / 1e4)
    obs = pd.DataFrame(
        {LABEL_COLUMN: pd.Categorical(source.obs["bulk_labels"].astype(str)), "phase": source.obs["phase"]},
        index=source.obs_names,
    )
    return anndata.AnnData(values.astype(np.float32), obs=obs, var=pd.DataFrame(index=source.raw.var_names))


def _mixtures(cells: AnnData, types: list[str], rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Samples with known proportions: cells of each type drawn with replacement, their counts summed."""
    labels = cells.obs[LABEL_COLUMN].astype(str).to_numpy()
    names = [f"sample_{number + 1}" for number in range(BULK_SAMPLES)]
    truth = pd.DataFrame(0.0, index=pd.Index(names), columns=pd.Index(types))
    bulk = pd.DataFrame(0, index=cells.var_names, columns=pd.Index(names))
    counts: Matrix = sparse.csr_matrix(cells.X)
    for name in names:
        shares = rng.dirichlet(np.ones(len(types)))
        numbers = rng.multinomial(CELLS_PER_SAMPLE, shares)
        drawn = [rng.choice(np.flatnonzero(labels == t), n) for t, n in zip(types, numbers, strict=True)]
        bulk[name] = np.asarray(counts[np.concatenate(drawn)].sum(axis=0)).ravel().astype(np.int64)
        truth.loc[name] = numbers / CELLS_PER_SAMPLE
    return bulk, truth
