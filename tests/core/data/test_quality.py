from __future__ import annotations

import numpy as np
import pytest

from core.data.quality import apply, cell_metrics, failing, gene_metrics, passing
from core.errors import DataError
from core.specs.data import QualitySpec
from tests.core.data.toys import real_cells, toy

VALUES = [[8, 0, 2], [0, 0, 0], [1, 1, 0], [0, 3, 1]]
GENES = ["A", "B", "mt-Nd1"]


def test_metrics_of_a_hand_made_set():
    metrics = cell_metrics(toy(VALUES, GENES))
    assert metrics["counts"].tolist() == [10, 0, 2, 4]
    assert metrics["genes"].tolist() == [2, 0, 2, 2]
    assert metrics["mitochondrial"].tolist() == [20, 0, 0, 25]


def test_logarithms_are_undone_before_they_are_added():
    metrics = cell_metrics(toy(np.log2(np.array(VALUES) + 1), GENES, unit="log2"))
    np.testing.assert_allclose(metrics["counts"], [10, 0, 2, 4], rtol=1e-6)
    np.testing.assert_allclose(metrics["mitochondrial"], [20, 0, 0, 25], rtol=1e-6)


def test_values_without_a_scale_are_not_judged_by_counts():
    metrics = cell_metrics(toy([[-1.0, 0.5]], unit="values"))
    assert np.isnan(metrics["counts"]).all() and metrics["genes"].tolist() == [2]
    assert passing(metrics, QualitySpec(min_counts=100, max_mitochondrial=0)).all()


def test_gene_metrics_of_a_hand_made_set():
    table = gene_metrics(toy(VALUES, GENES))
    assert table["cells"].tolist() == [2, 2, 2]
    assert table["share"].tolist() == [50, 50, 50]
    assert table["mean"].tolist() == [2.25, 1.0, 0.75]


def test_each_rule_says_how_many_cells_it_alone_leaves_out():
    metrics = cell_metrics(toy(VALUES, GENES))
    spec = QualitySpec(min_counts=3, max_counts=8, min_genes=1, max_mitochondrial=22)
    assert failing(metrics, spec)["cells"].tolist() == [2, 1, 1, 1]
    assert passing(metrics, spec).tolist() == [False, False, False, False]


def test_bounds_themselves_pass():
    metrics = cell_metrics(toy(VALUES, GENES))
    spec = QualitySpec(min_counts=10, max_counts=10, max_mitochondrial=20)
    assert passing(metrics, spec).tolist() == [True, False, False, False]


def test_defaults_leave_out_empty_cells_silent_genes_and_lone_labels():
    data = toy([[1, 0, 5], [0, 0, 0], [2, 0, 0], [3, 0, 0]], labels=["a", "a", "a", "b"])
    kept, steps = apply(data, QualitySpec())
    assert kept.adata.obs_names.tolist() == ["cell0", "cell2"]
    assert kept.genes.tolist() == ["g0", "g2"]
    assert steps["cells"].tolist() == [4, 3, 3, 3, 3, 2, 2]
    assert steps["genes"].tolist() == [3, 3, 3, 3, 3, 3, 2]
    assert data.n_cells == 4  # the set itself is untouched


def test_a_query_keeps_genes_that_none_of_its_cells_shows():
    kept, _ = apply(toy([[1, 0], [2, 0]], role="query"), QualitySpec())
    assert kept.genes.tolist() == ["g0", "g1"]


def test_bulk_samples_are_not_judged_as_cells():
    kept, steps = apply(toy([[1e6, 5], [0, 0]], role="bulk", unit="tpm"), QualitySpec(max_counts=100))
    assert kept.n_cells == 1 and steps["step"].tolist() == ["As read", "Not empty"]


def test_cells_without_a_label_are_left_out_of_the_reference_in_a_step_of_their_own():
    kept, steps = apply(toy([[1], [2], [3]], labels=["a", "a", None]), QualitySpec())
    assert kept.n_cells == 2
    assert steps.loc[steps["step"] == "Cells per type", "cells"].item() == 2


def test_nothing_left_names_the_rule():
    with pytest.raises(DataError, match="Nothing is left of the reference after the rule 'Genes, at least'"):
        apply(toy([[1, 0]]), QualitySpec(min_genes=2))


def test_real_cells_agree_with_a_dense_sum():
    data = real_cells("pbmc3k.h5ad")
    table = data.adata[:300].to_df()
    metrics = cell_metrics(data).iloc[:300]
    np.testing.assert_allclose(metrics["counts"], table.sum(axis=1))
    np.testing.assert_array_equal(metrics["genes"], (table > 0).sum(axis=1))
    mitochondrial = [gene for gene in table.columns if gene.startswith("MT-")]
    assert len(mitochondrial) == 13
    np.testing.assert_allclose(
        metrics["mitochondrial"], 100 * table[mitochondrial].sum(axis=1) / table.sum(axis=1), rtol=1e-5
    )
