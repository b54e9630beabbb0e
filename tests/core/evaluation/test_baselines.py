from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.baselines import baselines, gene_mean, principal_components
from tests.core.evaluation.toy import cells


def test_the_gene_mean_leaves_the_variance():
    train, _ = cells()
    rebuilt = gene_mean(train).rebuild(train)
    assert ((train - rebuilt) ** 2).mean() == pytest.approx(train.var(axis=0).mean())


def test_components_rebuild_profiles_of_that_rank_exactly():
    rng = np.random.default_rng(0)
    train = rng.normal(size=(30, 3)) @ rng.normal(size=(3, 12))
    np.testing.assert_allclose(principal_components(train, 3, 0).rebuild(train), train, atol=1e-9)


@pytest.mark.parametrize("name", list(baselines(np.zeros((2, 2)), 1, 0)))
def test_every_baseline_rebuilds_new_cells(name):
    values, _ = cells()
    projection = baselines(values[:30], 3, 0)[name]()
    rebuilt = projection.rebuild(values[30:])
    assert rebuilt.shape == (6, 10)
    assert np.isfinite(rebuilt).all()
    assert len(projection.code(values[30:])) == 6


def test_no_more_dimensions_than_the_data_have():
    values, _ = cells()
    assert principal_components(values, 50, 0).code(values).shape == (36, 10)
