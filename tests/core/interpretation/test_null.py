"""The exact null against shuffles that are really drawn."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from core.interpretation.impact import set_means
from core.interpretation.membership import membership
from core.interpretation.null import chance, expression_strata, shuffled_saliency


def names(genes: int) -> list[str]:
    return [f"g{number}" for number in range(genes)]


def test_strata_are_of_like_expression_and_size():
    strata = expression_strata(np.random.default_rng(0).random(103), 5)
    assert np.bincount(strata).tolist() == [21, 21, 20, 21, 20]
    expression = np.arange(40.0)[::-1]
    assert expression_strata(expression).tolist() == sorted(expression_strata(expression), reverse=True)
    assert set(expression_strata(np.zeros(7))) == {0}


def test_moments_are_those_of_all_shuffles():
    values = np.array([[0.0, 1, 5, 2, 2, 9, 2, 3]])
    strata = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    sets = membership({"A": ["g0", "g1", "g2", "g5"]}, names(8), 1)
    drawn = []
    for left in permutations(range(4)):
        for right in permutations(range(4, 8)):
            drawn.append(sets.mean(values[:, [*left, *right]].T)[0, 0])
    impact = set_means(values, sets)
    found = chance(impact, values, sets, strata)
    assert found.expected.iat[0, 0] == pytest.approx(np.mean(drawn))
    assert found.z.iat[0, 0] == pytest.approx((impact.iat[0, 0] - np.mean(drawn)) / np.std(drawn))
    z, skew = found.z.iat[0, 0], stats.skew(drawn)
    assert skew > 0
    assert found.p.iat[0, 0] == pytest.approx(stats.pearson3.sf(z, skew))
    # the same values upside down: the upper tail is now the short one
    turned = chance(set_means(-values, sets), -values, sets, strata, two_sided=True)
    assert turned.p.iat[0, 0] == pytest.approx(2 * min(stats.norm.sf(-z), stats.pearson3.sf(z, skew)))


def test_p_is_close_to_the_share_of_real_shuffles():
    rng = np.random.default_rng(0)
    genes = 400
    values = rng.gamma(1.0, size=(3, genes))
    values[2] = rng.gamma(0.1, size=genes)  # very skewed
    strata = expression_strata(rng.random(genes), 8)
    sets = membership({"A": names(30), "B": names(400)[100:112]}, names(genes), 1)
    values[0, :30] += 0.35
    found = chance(set_means(values, sets), values, sets, strata)
    observed = set_means(values, sets).to_numpy()
    shuffles = np.stack([set_means(shuffled_saliency(values, strata, rng), sets).to_numpy() for _ in range(4000)])
    np.testing.assert_allclose(found.expected, shuffles.mean(axis=0), rtol=0.02)
    np.testing.assert_allclose(found.z, (observed - shuffles.mean(axis=0)) / shuffles.std(axis=0), atol=0.1)
    np.testing.assert_allclose(found.p, (shuffles >= observed).mean(axis=0), atol=0.04)


def test_false_findings_are_rare_and_a_planted_one_is_found():
    rng = np.random.default_rng(1)
    genes, units = 1000, 20
    values = rng.gamma(0.5, size=(units, genes))
    planted = rng.choice(genes, 40, replace=False)
    values[3, planted] += 0.8
    collection = {f"S{number}": rng.choice(names(genes), 40, replace=False).tolist() for number in range(50)}
    collection["planted"] = [f"g{gene}" for gene in planted]
    sets = membership(collection, names(genes), 1)
    found = chance(set_means(values, sets), values, sets, expression_strata(rng.random(genes)))
    hits = found.p_adjusted < 0.05
    assert bool(hits.at["planted", "unit_4"])
    assert hits.to_numpy().sum() <= 3
    assert (found.p.drop(index="planted") < 0.05).to_numpy().mean() == pytest.approx(0.05, abs=0.02)


def test_rare_genes_with_large_weights_are_no_finding_within_their_stratum():
    rng = np.random.default_rng(2)
    expression = np.arange(400.0)
    values = rng.random((2, 400)) + (expression < 40) * 10
    sets = membership({"rare": names(10)}, names(400), 1)
    impact = set_means(values, sets)
    assert (chance(impact, values, sets, np.zeros(400, dtype=int)).z > 5).to_numpy().all()
    assert (chance(impact, values, sets, expression_strata(expression)).z.abs() < 3).to_numpy().all()


def test_a_set_of_all_genes_says_nothing():
    values = np.random.default_rng(0).random((2, 30))
    sets = membership({"all": names(30), "some": names(5)}, names(30), 1)
    found = chance(set_means(values, sets), values, sets, np.zeros(30, dtype=int))
    assert found.z.loc["all"].tolist() == [0, 0]
    assert found.p.loc["all"].tolist() == [1, 1]


def test_both_sides_for_differences():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1, 200))
    values[0, :20] -= 2
    sets = membership({"low": names(20)}, names(200), 1)
    strata = np.zeros(200, dtype=int)
    impact = set_means(values, sets)
    assert chance(impact, values, sets, strata).p.iat[0, 0] > 0.99
    assert chance(impact, values, sets, strata, two_sided=True).p.iat[0, 0] < 1e-6


def test_a_shuffle_stays_within_strata_and_takes_all_units_along():
    strata = np.array([0, 0, 0, 1, 1, 1])
    values = np.vstack([np.arange(6.0), np.arange(6.0) * 10])
    shuffled = shuffled_saliency(values, strata, np.random.default_rng(0))
    assert sorted(shuffled[0, :3]) == [0, 1, 2]
    np.testing.assert_array_equal(shuffled[1], shuffled[0] * 10)
