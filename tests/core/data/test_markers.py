from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.data.markers import marker_dots, marker_scores, markers, only
from core.errors import DataError
from tests.core.data.toys import real_cells, toy

# ln(1 + CP10K) is used as given, so means can be read off
VALUES = [[4, 0, 1], [5, 0, 1], [6, 1, 1], [0, 3, 1], [1, 3, 1], [0, 4, 1]]
GENES = ["OnlyA", "OnlyB", "Same"]
LABELS = ["a", "a", "a", "b", "b", "b"]


def data():
    return toy(VALUES, GENES, LABELS, unit="log1p")


def test_each_label_is_marked_by_its_own_gene_and_a_constant_gene_by_none():
    scores = marker_scores(data())
    assert scores.labels == ("a", "b")
    assert scores.top("a", 5) == ["OnlyA"] and scores.top("b", 5) == ["OnlyB"]
    assert scores.best_rank().tolist() == [1, 1, np.inf]


def test_the_score_is_welch_s_t_where_both_groups_have_one_size():
    scores = marker_scores(data()).scores
    expected = stats.ttest_ind([4, 5, 6], [0, 1, 0], equal_var=False)
    assert scores[0, 0] == pytest.approx(expected.statistic)
    table = markers(data(), 1).set_index("cell_type")
    assert table.loc["a", "p_value"] == pytest.approx(expected.pvalue)
    assert table.loc["a", "adjusted_p"] == pytest.approx(stats.false_discovery_control([
        expected.pvalue, stats.ttest_ind([0, 0, 1], [3, 3, 4], equal_var=False).pvalue, 1.0,
    ])[0])  # fmt: skip


def test_shares_and_means_of_the_dot_plot():
    dots = marker_dots(data(), 1)
    assert dots["gene"].tolist() == ["OnlyA", "OnlyB"] * 2
    np.testing.assert_allclose(dots["share"], [1, 1 / 3, 1 / 3, 1])
    np.testing.assert_allclose(dots["mean"], [5, 1 / 3, 1 / 3, 10 / 3])
    np.testing.assert_allclose(dots["level"], [1, 0.1, 1 / 15, 1])


def test_unlabelled_cells_belong_nowhere():
    scores = marker_scores(toy([*VALUES, [9, 9, 9]], GENES, [*LABELS, None], unit="log1p"))
    np.testing.assert_allclose(scores.scores, marker_scores(data()).scores)


def test_a_type_of_one_cell_still_has_markers():
    scores = marker_scores(toy([[9, 0], [0, 1], [0, 2], [1, 1]], ["X", "Y"], ["one", "b", "b", "b"], unit="log1p"))
    assert scores.top("one", 1) == ["X"] and np.isfinite(scores.scores).all()


def test_ranks_among_some_genes_count_only_these():
    part = only(
        marker_scores(toy([[5, 9, 1], [6, 9, 0], [0, 0, 1]], labels=["a", "a", "b"], unit="log1p")), ["g2", "g0"]
    )
    assert part.genes.tolist() == ["g2", "g0"] and part.best_rank()["g0"] == 1


def test_one_type_is_not_enough():
    with pytest.raises(DataError, match="at least two cell types"):
        marker_scores(toy([[1], [2]], labels=["a", "a"]))


def test_scores_agree_with_scanpy():
    import scanpy

    cells = real_cells("pbmc3k.h5ad")
    adata = cells.adata.copy()
    scanpy.pp.normalize_total(adata, target_sum=1e4)
    scanpy.pp.log1p(adata)
    scanpy.tl.rank_genes_groups(adata, "cell_type", method="t-test_overestim_var", n_genes=60)
    scores = marker_scores(cells)
    for label in scores.labels:
        expected = list(adata.uns["rank_genes_groups"]["names"][label])
        assert len(set(expected) & set(scores.top(label, 60))) >= 59
        np.testing.assert_allclose(
            np.sort(scores.scores[scores.labels.index(label)])[::-1][:60],
            adata.uns["rank_genes_groups"]["scores"][label],
            rtol=1e-3,
        )


def test_textbook_markers_of_blood_are_found():
    scores = marker_scores(real_cells("pbmc3k.h5ad"))
    assert {"CD79A", "MS4A1"} <= set(scores.top("B", 10))
    assert {"LYZ", "S100A8", "S100A9"} <= set(scores.top("CD14 Mono", 10))
    assert {"PF4", "PPBP"} <= set(scores.top("Platelet", 10))
