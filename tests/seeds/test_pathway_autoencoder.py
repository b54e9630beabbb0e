import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.special import xlogy

from tests.conftest import real


@pytest.mark.slow
def test_the_pathway_autoencoder_learns_more_than_gene_means_and_depth(celldesk):
    cells = real("pbmc3k.h5ad")
    out, summary = celldesk("represent", "--data", cells, "--gene-sets", real("hallmark_human.gmt"))
    counts = anndata.read_h5ad(out / "results.h5ad").layers["counts"]
    genes = pd.Index(anndata.read_h5ad(cells).var_names)
    assert counts.shape[0] == 2638 and summary["genes"] > 3000 and len(genes) == 13714
    sets = {gene for line in real("hallmark_human.gmt").read_text().splitlines() for gene in line.split("\t")[2:]}
    chosen = anndata.read_h5ad(out / "results.h5ad").var_names.isin(sets)
    x = np.asarray(counts[:, chosen].todense())
    library = x.sum(axis=1, keepdims=True)
    expected = x.mean(axis=0) * library / library.mean()
    depth_only = (expected - xlogy(x, expected + 1e-8)).mean()
    assert summary["best"]["reconstruction"] < depth_only
    impact = pd.read_csv(out / "impact.csv", index_col="gene_set")
    assert impact.shape == (50, 64)
    assert (impact.to_numpy().min(), impact.to_numpy().max()) == (0, 1)
