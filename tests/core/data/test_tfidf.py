"""TF-IDF and latent semantic indexing as a network's input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.data.align import Aligned, align
from core.data.cache_file import opened, write
from core.data.normalise import inverse_frequency, tfidf
from core.data.transform import FittedTransform, fit
from core.errors import DataError, SpecError
from core.specs import RunSpec, TransformSpec, parse, replaced
from tests.core.data.toys import toy

COUNTS = np.array([[1, 0, 2, 0], [0, 1, 0, 0], [3, 0, 0, 1]], dtype=np.float32)
LSI = TransformSpec(normalise="tfidf", components=6)


def cells(n: int = 120, n_peaks: int = 60, seed: int = 0) -> Aligned:
    """Two kinds of cell that open different halves of the peaks, at depths that differ tenfold."""
    rng = np.random.default_rng(seed)
    open_share = np.full((2, n_peaks), 0.4)
    open_share[0, : n_peaks // 2] += 2
    open_share[1, n_peaks // 2 :] += 2
    depth = rng.lognormal(0, 0.8, n)
    counts = rng.poisson(open_share[np.arange(n) % 2] * depth[:, None]) + (np.arange(n_peaks) == np.arange(n)[:, None])
    return align(toy(counts), [f"g{k}" for k in range(n_peaks)])


def test_the_formula_is_signacs():
    rarity = inverse_frequency(sparse.csr_matrix(COUNTS))
    np.testing.assert_allclose(rarity, 3 / COUNTS.sum(axis=0))
    total = COUNTS.sum(axis=1, keepdims=True)
    expected = np.log1p(1e4 * COUNTS / total * 3 / COUNTS.sum(axis=0))
    found = tfidf(sparse.csr_matrix(COUNTS), "counts", COUNTS.sum(axis=1), rarity)
    assert sparse.issparse(found)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-6)
    np.testing.assert_allclose(tfidf(COUNTS, "counts", COUNTS.sum(axis=1), rarity), expected, rtol=1e-6)


def test_a_peak_without_counts_and_a_cell_without_counts_give_zeros():
    counts = np.array([[0, 2], [0, 0]], dtype=np.float32)
    rarity = inverse_frequency(sparse.csr_matrix(counts))
    found = tfidf(sparse.csr_matrix(counts), "counts", counts.sum(axis=1), rarity).toarray()
    assert rarity[0] == 0 and np.isfinite(found).all() and not found[1].any()


def test_logarithms_have_no_share_of_a_total():
    with pytest.raises(DataError, match="TF-IDF needs counts"):
        fit(
            align(toy(COUNTS, unit="log1p"), ["g0", "g1"]),
            TransformSpec(normalise="tfidf"),
            rng=np.random.default_rng(0),
        )


def test_the_components_are_those_of_an_exact_decomposition_without_the_first():
    some = cells()
    transform = fit(some, LSI, rng=np.random.default_rng(0))
    values = tfidf(some.values, "counts", some.library, inverse_frequency(some.values)).toarray().astype(np.float64)
    exact = np.linalg.svd(values, full_matrices=False)[2][1:6]
    assert transform.loadings is not None and transform.n_inputs == 5
    np.testing.assert_allclose(np.abs((exact * transform.loadings).sum(axis=1)), 1, atol=1e-5)


def test_inputs_have_mean_zero_and_deviation_one_and_the_first_component_would_have_been_depth():
    some = cells()
    x = fit(some, LSI, rng=np.random.default_rng(0)).apply(some)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(x.std(axis=0, ddof=1), 1, rtol=1e-4)
    kind = np.arange(len(x)) % 2
    assert abs(np.corrcoef(x[:, 0], kind)[0, 1]) > 0.95
    values = tfidf(some.values, "counts", some.library, inverse_frequency(some.values)).toarray()
    first = values @ np.linalg.svd(values, full_matrices=False)[2][0]
    depth = np.log(some.library)
    assert abs(np.corrcoef(first, depth)[0, 1]) > abs(np.corrcoef(x[:, 0], depth)[0, 1])


def test_a_cell_alone_gets_the_input_it_has_in_its_cohort_and_the_model_file_keeps_all():
    some = cells()
    transform = fit(some.rows(slice(0, 80)), LSI, rng=np.random.default_rng(0))
    whole = transform.apply(some)
    read_back = FittedTransform.from_dict(transform.to_dict())
    np.testing.assert_allclose(read_back.apply(some.rows(slice(90, 91))), whole[90:91], rtol=1e-4, atol=1e-5)
    again = fit(some.rows(slice(0, 80)), LSI, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(again.apply(some), whole)


def test_own_statistics_centre_and_scale_the_components():
    some, other = cells(), cells(seed=3)
    transform = fit(some, LSI, rng=np.random.default_rng(0))
    x = transform.apply(other, "own")
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(x.std(axis=0, ddof=1), 1, rtol=1e-4)
    with pytest.raises(DataError, match="single cell"):
        transform.apply(other.rows(slice(0, 1)), "own")


def test_restored_values_lie_on_the_plane_of_the_components():
    some = cells()
    transform = fit(some, LSI, rng=np.random.default_rng(0))
    x = transform.apply(some)
    np.testing.assert_allclose(
        (transform.restore(x) - transform.centre) @ transform.loadings.T / transform.spread, x, atol=1e-3
    )


def test_cells_on_disk_give_the_same_input(tmp_path):
    some = cells()
    write(iter([some.values[:50], some.values[50:]]), tmp_path, some.values.shape[1], "key")
    blocks = opened(tmp_path, "key")
    assert blocks is not None
    stored = Aligned(blocks, some.library, some.unit, some.genes)
    for spec in (LSI, TransformSpec(normalise="tfidf")):
        ours, theirs = (fit(one, spec, rng=np.random.default_rng(0)) for one in (some, stored))
        x, y = ours.apply(some), theirs.apply(stored).read()
        x, y = (one.toarray() if sparse.issparse(one) else one for one in (x, y))
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-4)


def test_missing_features_take_the_training_mean():
    some = cells()
    transform = fit(some, TransformSpec(normalise="tfidf"), rng=np.random.default_rng(0))
    part = align(toy(some.values.toarray()[:5, :30]), some.genes)
    found = transform.apply(part).toarray()
    np.testing.assert_allclose(found[:, 30:], np.tile(transform.means[30:], (5, 1)), rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"scale": "zscore"}, "keeps zeros"), ({"clip": 10}, "no limit"), ({"components": 2}, "first component")],
)
def test_what_cannot_go_with_tfidf_is_refused_where_it_is_typed(values, words):
    with pytest.raises(SpecError, match=words):
        parse(TransformSpec, {"normalise": "tfidf", **values})


def test_mixtures_and_counts_cannot_be_tfidf():
    spec = parse(RunSpec, {"objective": {"proportions": {}}, "analysis": {"task": "deconvolve"}})
    with pytest.raises(SpecError, match="TF-IDF"):
        replaced(spec, "data.transform.normalise", "tfidf")


def test_too_few_cells_for_the_components():
    with pytest.raises(DataError, match="fewer than 7 components"):
        fit(align(toy(COUNTS), ["g0", "g1", "g2"]), LSI, rng=np.random.default_rng(0))
