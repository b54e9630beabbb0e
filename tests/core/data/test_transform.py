from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from core.data.align import Aligned, align
from core.data.transform import FittedTransform, fit
from core.errors import DataError
from core.specs.data import TransformSpec
from tests.core.data.toys import real_cells, toy

COUNTS = np.array([[3, 1, 0, 6], [0, 2, 0, 8], [5, 5, 0, 0], [1, 0, 0, 1]], dtype=np.float32)
RNG = np.random.default_rng
SPECS = [
    TransformSpec(normalise=normalise, scale=scale, clip=clip)
    for normalise in ("none", "log1p_cp10k", "log2_cpm")
    for scale in ("none", "centre", "zscore", "minmax")
    for clip in (None, 1.0)
]


def aligned(values=COUNTS, genes=("g0", "g1", "g2", "g3"), unit="counts") -> Aligned:
    return align(toy(values, unit=unit), genes)


def dense(values) -> np.ndarray:
    return values.toarray() if sparse.issparse(values) else values


def test_log1p_cp10k_divides_by_the_total_over_all_genes_of_the_cell():
    part = align(toy(COUNTS), ["g0", "g1"])
    values = dense(fit(part, TransformSpec(), rng=RNG(0)).apply(part))
    total = COUNTS.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(values, np.log1p(1e4 * COUNTS[:, :2] / total), rtol=1e-6)


def test_log2_cpm_adds_one_and_divides_by_the_total_over_the_selected_genes():
    part = align(toy(COUNTS), ["g0", "g1"])
    values = fit(part, TransformSpec(normalise="log2_cpm"), rng=RNG(0)).apply(part)
    plus = COUNTS[:, :2] + 1
    np.testing.assert_allclose(values, np.log2(1e6 * plus / plus.sum(axis=1, keepdims=True) + 1), rtol=1e-6)


def test_logarithms_are_only_brought_to_the_base_asked_for():
    natural = fit(aligned(unit="log2"), TransformSpec(), rng=RNG(0)).apply(aligned(unit="log2"))
    np.testing.assert_allclose(dense(natural), COUNTS * np.log(2), rtol=1e-6)
    spec = TransformSpec(normalise="log2_cpm")
    binary = fit(aligned(unit="log1p"), spec, rng=RNG(0)).apply(aligned(unit="log1p"))
    np.testing.assert_allclose(dense(binary), COUNTS / np.log(2), rtol=1e-6)
    same = fit(aligned(unit="values"), TransformSpec(), rng=RNG(0)).apply(aligned(unit="values"))
    np.testing.assert_allclose(dense(same), COUNTS)


def test_zscore_uses_n_minus_one_and_a_constant_gene_gives_zero():
    transform = fit(aligned(), TransformSpec(normalise="none", scale="zscore"), rng=RNG(0))
    with np.errstate(invalid="ignore"):
        expected = np.nan_to_num((COUNTS - COUNTS.mean(0)) / COUNTS.std(0, ddof=1))
    np.testing.assert_allclose(transform.apply(aligned()), expected, atol=1e-6)
    other = COUNTS.copy()
    other[:, 2] = 7  # silent in training, seen later
    assert (transform.apply(aligned(other))[:, 2] == 0).all()


def test_minmax_lies_between_zero_and_one_on_the_training_cells():
    values = dense(fit(aligned(), TransformSpec(normalise="none", scale="minmax"), rng=RNG(0)).apply(aligned()))
    assert values.min(axis=0).tolist() == [0, 0, 0, 0] and values.max(axis=0).tolist() == [1, 1, 0, 1]


def test_centring_leaves_the_spread():
    values = fit(aligned(), TransformSpec(normalise="none", scale="centre"), rng=RNG(0)).apply(aligned())
    np.testing.assert_allclose(values, COUNTS - COUNTS.mean(0), atol=1e-6)


def test_clip_limits_both_sides():
    values = fit(aligned(), TransformSpec(scale="zscore", clip=0.5), rng=RNG(0)).apply(aligned())
    assert values.max() == 0.5 and values.min() == -0.5


@pytest.mark.parametrize("scale", ["none", "minmax"])
def test_sparse_stays_sparse_where_zero_stays_zero(scale):
    values = np.vstack([COUNTS, np.zeros(4)])
    transform = fit(aligned(values), TransformSpec(scale=scale), rng=RNG(0))
    assert isinstance(transform.apply(aligned(values)), sparse.csr_matrix)


@pytest.mark.parametrize("scale", ["none", "centre", "zscore", "minmax"])
@pytest.mark.parametrize("normalise", ["none", "log1p_cp10k", "log2_cpm"])
def test_missing_genes_stand_at_the_reference_mean(normalise, scale):
    transform = fit(aligned(), TransformSpec(normalise=normalise, scale=scale), rng=RNG(0))
    query = align(toy([[4, 4], [1, 9]], ["g0", "g3"]), ["g0", "g1", "g2", "g3"])
    assert query.missing == ("g1", "g2")
    values = dense(transform.apply(query))
    expected = (transform.means - transform.scaling.shift) * transform.scaling.factor
    np.testing.assert_allclose(values[:, 1], expected[1], rtol=1e-6)
    if scale in ("centre", "zscore"):
        np.testing.assert_allclose(values[:, [1, 2]], 0, atol=1e-6)


def test_log2_cpm_leaves_missing_genes_out_of_the_total():
    transform = fit(aligned(), TransformSpec(normalise="log2_cpm"), rng=RNG(0))
    query = align(toy([[4, 4]], ["g0", "g3"]), ["g0", "g1", "g2", "g3"])
    np.testing.assert_allclose(transform.apply(query)[0, [0, 3]], np.log2(5e5 + 1), rtol=1e-6)


def test_own_statistics_scale_the_set_by_itself():
    transform = fit(aligned(), TransformSpec(normalise="none", scale="zscore"), rng=RNG(0))
    shifted = aligned(COUNTS * 3 + 1)
    np.testing.assert_allclose(transform.apply(shifted, "own"), transform.apply(aligned()), atol=1e-5)


@pytest.mark.parametrize("scale", ["centre", "zscore", "minmax"])
def test_one_sample_has_no_statistics_of_its_own(scale):
    transform = fit(aligned(), TransformSpec(scale=scale), rng=RNG(0))
    with pytest.raises(DataError, match="single cell or sample cannot be scaled"):
        transform.apply(aligned().rows(np.array([0])), "own")


def test_without_scaling_own_statistics_change_nothing():
    transform = fit(aligned(), TransformSpec(), rng=RNG(0))
    one = aligned().rows(np.array([0]))
    assert (dense(transform.apply(one, "own")) == dense(transform.apply(one))).all()


@settings(max_examples=60)
@given(st.sampled_from(SPECS), st.integers(0, 10_000), st.integers(1, 8), st.booleans())
def test_a_cell_alone_gets_the_same_input_as_in_its_cohort(spec, seed, n, lacks_a_gene):
    rng = RNG(seed)
    transform = fit(aligned(rng.poisson(2, (6, 4))), spec, rng=rng)
    genes = ["g0", "g1", "g2"] if lacks_a_gene else ["g0", "g1", "g2", "g3"]
    cohort = align(toy(rng.poisson(2, (n, len(genes))), genes), ["g0", "g1", "g2", "g3"])
    together = dense(transform.apply(cohort))
    assert np.isfinite(together).all()
    for row in range(n):
        assert (dense(transform.apply(cohort.rows(np.array([row]))))[0] == together[row]).all()


def test_an_empty_cell_is_zero_not_nan():
    transform = fit(aligned(), TransformSpec(), rng=RNG(0))
    assert dense(transform.apply(aligned(np.zeros((1, 4))))).tolist() == [[0, 0, 0, 0]]


def test_components_are_those_of_the_singular_value_decomposition():
    values = RNG(0).poisson(5, (60, 12)).astype(np.float32) * np.linspace(1, 4, 12, dtype=np.float32)
    genes = [f"g{number}" for number in range(12)]
    for scale in ("none", "zscore"):  # sparse and dense
        transform = fit(aligned(values, genes), TransformSpec(scale=scale, components=3), rng=RNG(0))
        plain = fit(aligned(values, genes), TransformSpec(scale=scale), rng=RNG(0))
        full = dense(plain.apply(aligned(values, genes))).astype(np.float64)
        _, singular, right = np.linalg.svd(full - full.mean(axis=0), full_matrices=False)
        scores = transform.apply(aligned(values, genes))
        assert scores.shape == (60, 3) and transform.n_inputs == 3
        np.testing.assert_allclose(np.abs(transform.loadings), np.abs(right[:3]), atol=2e-3)
        np.testing.assert_allclose(scores.std(axis=0), singular[:3] / np.sqrt(60), rtol=1e-3)
        largest = np.abs(transform.loadings).argmax(axis=1)
        assert (transform.loadings[range(3), largest] > 0).all()


def test_more_components_than_genes_are_refused():
    with pytest.raises(DataError, match="Use at most 3 principal components"):
        fit(aligned(), TransformSpec(components=4), rng=RNG(0))


@pytest.mark.parametrize("scale", ["none", "centre", "zscore", "minmax"])
def test_restore_goes_back_to_normalised_values(scale):
    transform = fit(aligned(), TransformSpec(scale=scale), rng=RNG(0))
    np.testing.assert_allclose(
        transform.restore(dense(transform.apply(aligned()))), dense(transform.normalise(aligned())), atol=1e-5
    )


def test_restore_from_components_is_close_where_they_hold_the_variance():
    rng = RNG(0)
    values = rng.poisson(np.outer(rng.gamma(2, 20, 50), np.arange(1, 9))).astype(np.float32)
    genes = [f"g{number}" for number in range(8)]
    transform = fit(aligned(values, genes), TransformSpec(normalise="none", components=7), rng=RNG(0))
    np.testing.assert_allclose(transform.restore(transform.apply(aligned(values, genes))), values, rtol=0.2, atol=8)


def test_a_transform_survives_being_written():
    for spec in (TransformSpec(scale="zscore", clip=3.0), TransformSpec(normalise="log2_cpm", components=2)):
        transform = fit(aligned(), spec, rng=RNG(0))
        back = FittedTransform.from_dict(transform.to_dict())
        assert back.spec == spec
        assert (dense(back.apply(aligned())) == dense(transform.apply(aligned()))).all()


def test_real_cells_in_components_repeat_and_take_a_query_that_lacks_genes():
    reference, query = real_cells("pbmc3k.h5ad"), real_cells("pbmc_3tech.h5ad", "query")
    part = align(reference, reference.genes[::20])
    spec = TransformSpec(scale="zscore", clip=10, components=20)
    transform = fit(part, spec, rng=RNG(3))
    assert (transform.apply(part) == fit(part, spec, rng=RNG(3)).apply(part)).all()
    other = align(query, part.genes)
    assert 0 < len(other.missing) < len(part.genes)
    for statistics in ("learned", "own"):
        assert np.isfinite(transform.apply(other, statistics)).all()
