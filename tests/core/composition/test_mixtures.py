"""Which cells make up a mixture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.composition.mixtures import from_counts, mixtures
from core.composition.pool import pool_of
from core.errors import SpecError
from core.specs import DeconvolveSpec

CODES = np.repeat([0, 1, 2], [50, 30, 4])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("design", ["digital_sorter", "dirichlet"])
def test_cells_match_the_proportions(design):
    made = mixtures(pool_of(CODES, 3), 300, DeconvolveSpec(design=design, cells_low=20, cells_high=60), rng())
    assert made.sizes.min() >= 20 and made.sizes.max() <= 60 and np.ptp(made.sizes) > 20
    for mixture in range(len(made)):
        found = np.bincount(CODES[made.cells_of(mixture)], minlength=3)
        np.testing.assert_allclose(found / found.sum(), made.proportions[mixture])


def test_a_hundred_cells_meet_the_published_percentages_exactly():
    made = mixtures(pool_of(CODES, 3), 100, DeconvolveSpec(design="digital_sorter"), rng())
    np.testing.assert_allclose(100 * made.proportions, np.rint(100 * made.proportions))
    assert set(made.sizes) == {100}
    assert [made.design_names[number] for number in np.unique(made.design)][-1] == "pure"


@given(st.integers(0, 200))
@settings(max_examples=25)
def test_no_cell_is_drawn_twice_unless_the_type_is_too_small(seed):
    made = from_counts(pool_of(CODES, 3), np.array([[50, 20, 4], [1, 30, 4], [10, 0, 9]]), rng(seed))
    assert len(set(made.cells_of(0))) == 74
    assert len(set(made.cells_of(1))) == 35
    last = made.cells_of(2)
    assert len(set(last[:10])) == 10
    assert len(last) == 19 and set(last[10:]) <= {80, 81, 82, 83}


def test_every_cell_of_a_type_is_equally_likely():
    made = from_counts(pool_of(CODES, 3), np.tile([5, 0, 0], (20_000, 1)), rng())
    seen = np.bincount(made.cells, minlength=50)[:50]
    np.testing.assert_allclose(seen / seen.sum(), 1 / 50, rtol=0.08)


def test_the_same_seed_gives_the_same_cells():
    one, two, other = (mixtures(pool_of(CODES, 3), 30, DeconvolveSpec(), rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.cells, two.cells)
    assert not np.array_equal(one.cells[:50], other.cells[:50])


def test_cells_per_mixture_must_not_run_backwards():
    with pytest.raises(SpecError, match="run backwards"):
        mixtures(pool_of(CODES, 3), 5, DeconvolveSpec(cells_low=200), rng())
