"""Gene factors that imitate another protocol."""

import numpy as np

from core.composition.randomise import gene_factors, lost_genes, randomised


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_nothing_changes_without_spread():
    samples = rng().random((5, 3))
    assert randomised(samples, 0.0, 0.0, rng()) is samples


def test_factors_are_shared_within_a_group_and_log_normal():
    factors = gene_factors(64, 2000, 1.0, 0.0, rng(), group=16)
    np.testing.assert_array_equal(factors[0], factors[15])
    assert not np.array_equal(factors[15], factors[16])
    logs = np.log(factors[::16])
    np.testing.assert_allclose([logs.mean(), logs.std()], [0, 1], atol=0.03)


def test_jitter_is_each_samples_own():
    logs = np.log(gene_factors(16, 5000, 1.0, 0.15, rng()))
    assert abs((logs[0] - logs[1]).std() - 0.15 * np.sqrt(2)) < 0.01


def test_lost_genes_are_the_same_within_a_group():
    lost = lost_genes(320, 400, 0.4, rng(), group=16)
    np.testing.assert_array_equal(lost[0], lost[15])
    shares = lost[::16].mean(axis=1)
    assert shares.min() < 0.1 < 0.3 < shares.max() < 0.5
    assert not lost_genes(3, 4, 0.0, rng()).any()


def test_graded_groups_differ_by_a_spread_of_their_own_up_to_the_full_one():
    logs = np.log(gene_factors(400, 500, 1.0, 0.0, rng(), group=1, graded=True))
    spread = logs.std(axis=1)
    assert spread.min() < 0.05 and 0.9 < spread.max() < 1.1
    np.testing.assert_allclose(spread.mean(), 0.5, atol=0.05)
