from __future__ import annotations

import numpy as np
import pytest

from core.data.variable import variability
from core.errors import DataError
from tests.core.data.toys import real_cells, toy


def log_normalised(data):
    import scanpy

    adata = data.adata.copy()
    scanpy.pp.normalize_total(adata, target_sum=1e4)
    scanpy.pp.log1p(adata)
    return adata


def test_a_gene_that_varies_comes_before_genes_that_do_not():
    data = toy([[10, 5, 10], [10, 25, 10], [10, 5, 10], [10, 25, 10]], ["flat", "jumps", "flat too"], unit="tpm")
    table = variability(data)
    assert table.index[0] == "jumps" and table["rank"].tolist() == [1, 2, 3]


def test_ties_are_ordered_by_name():
    data = toy([[1, 1, 1], [3, 3, 3]], ["c", "a", "b"], unit="values")
    assert variability(data).index.tolist() == ["a", "b", "c"]


def test_negative_values_are_ranked_by_plain_variance():
    values = np.array([[-3.0, 1.0, 0.0], [3.0, 2.0, 0.0], [0.0, 3.0, 0.0]])
    table = variability(toy(values, unit="log1p"))
    assert table.index.tolist() == ["g0", "g1", "g2"]
    np.testing.assert_allclose(table["score"].iloc[:2], np.var(values[:, :2], axis=0, ddof=1))


def test_silent_genes_come_last():
    rng = np.random.default_rng(0)
    values = rng.poisson(2, (20, 30))
    values[:, [4, 9]] = 0
    assert variability(toy(values)).index[-2:].tolist() == ["g4", "g9"]


def test_one_cell_has_no_variability():
    with pytest.raises(DataError, match="at least two cells"):
        variability(toy([[1, 2]]))


def test_a_gene_variable_in_both_batches_comes_before_one_that_only_differs_between_them():
    rng = np.random.default_rng(1)
    values = rng.poisson(5, (80, 40)).astype(float)
    values[:40, 0], values[40:, 0] = 8, 2  # differs between the batches only
    values[::2, 1], values[1::2, 1] = 10, 0  # jumps within each batch
    batches = ["one"] * 40 + ["two"] * 40
    table = variability(toy(values, batches=batches), target=5)
    assert table.loc["g1", "batches"] == 2 and table.loc["g0", "batches"] == 0
    assert table.loc["g1", "rank"] == 1


def test_batches_of_one_cell_are_left_out():
    values = np.random.default_rng(2).poisson(3, (21, 10))
    table = variability(toy(values, batches=["a"] * 10 + ["b"] * 10 + ["alone"]), target=3)
    assert table["batches"].max() == 2


def test_scores_agree_with_scanpy():
    import scanpy

    data = real_cells("pbmc3k.h5ad")
    expected = scanpy.pp.highly_variable_genes(log_normalised(data), flavor="seurat", n_top_genes=2000, inplace=False)
    found = variability(data).loc[expected.index]
    known = expected["dispersions_norm"].notna()
    difference = (found["score"] - expected["dispersions_norm"])[known].abs()
    assert (difference < 0.005).mean() > 0.999  # scanpy adds in single precision; a gene on a bin's edge may change it
    agree = (found["rank"] <= 2000) & expected["highly_variable"]
    assert agree.sum() >= 1995


def test_batches_agree_with_scanpy():
    import scanpy

    data = real_cells("pbmc_3tech.h5ad", batch="batch")
    expected = scanpy.pp.highly_variable_genes(
        log_normalised(data), flavor="seurat", n_top_genes=300, batch_key="batch", inplace=False
    ).set_axis(data.genes)
    found = variability(data, 300).loc[expected.index]
    assert (found["batches"] == expected["highly_variable_nbatches"]).mean() > 0.995
    assert ((found["rank"] <= 300) & expected["highly_variable"]).sum() >= 295
