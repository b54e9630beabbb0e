from __future__ import annotations

import numpy as np
import pytest

from core.annotation.smoothing import averaged, likeness_space
from core.data.align import align
from core.errors import DataError, SpecError
from core.recipes import recipe
from core.specs import AnnotateSpec, SmoothingSpec, parse, replaced
from core.tasks.smooth import smoothed
from tests.core.data.toys import toy

RNG = np.random.default_rng


def kinds(n: int = 60, n_genes: int = 40, seed: int = 0):
    """Two kinds of thinly read cells that show different halves of the genes."""
    rng = RNG(seed)
    rates = np.full((2, n_genes), 0.15)
    rates[0, : n_genes // 2] += 0.9
    rates[1, n_genes // 2 :] += 0.9
    counts = rng.poisson(rates[np.arange(n) % 2]) + (np.arange(n_genes) == np.arange(n)[:, None] % n_genes)
    return align(toy(counts), [f"g{k}" for k in range(n_genes)])


def test_the_share_weighs_the_neighbours_mean_against_the_cell():
    cells = align(toy([[4, 0], [0, 4], [0, 8]]), ["g0", "g1"])
    found = averaged(cells, np.array([[1, 2], [0, 2], [0, 1]]), 0.25)
    np.testing.assert_allclose(found.values.toarray(), [[3, 1.5], [0.5, 4], [0.5, 6.5]])
    np.testing.assert_allclose(averaged(cells, np.array([[1, 2], [0, 2], [0, 1]]), 1).values.toarray()[0], [0, 6])


def test_half_and_one_neighbour_are_the_mean_of_two_cells():
    cells = align(toy([[1, 0], [3, 2], [5, 4]]), ["g0", "g1"])
    found = averaged(cells, np.array([[1], [0], [1]]), 0.5)
    np.testing.assert_allclose(found.values.toarray(), [[2, 1], [2, 1], [4, 3]])
    np.testing.assert_allclose(found.library, [3, 3, 7])
    assert found.genes == cells.genes and found.unit == "counts"


@pytest.mark.parametrize("space", ["lsi", "pca"])
def test_cells_of_a_kind_lie_together(space):
    places = likeness_space(kinds(), space, 5, RNG(0))
    kind = np.arange(len(places)) % 2
    away = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(len(places)) * 1e9
    assert (kind[away.argmin(axis=1)] == kind).mean() > 0.9


def test_fewer_components_where_there_are_few_cells():
    assert likeness_space(kinds(12), "pca", 50, RNG(0)).shape == (12, 11)


@pytest.mark.parametrize("space", ["lsi", "pca"])
def test_smoothing_takes_noise_away_and_keeps_the_kinds_apart(space):
    cells = kinds()
    spec = AnnotateSpec(smoothing=SmoothingSpec(neighbours=8, space=space, components=4))
    found = smoothed(cells, cells, spec, RNG(0)).values.toarray()
    first = found[:, :20].sum(axis=1) > found[:, 20:].sum(axis=1)
    assert (first == (np.arange(60) % 2 == 0)).all()
    assert found[::2].var(axis=0).mean() < 0.4 * cells.values.toarray()[::2].var(axis=0).mean()


def test_without_the_setting_nothing_changes():
    cells = kinds()
    assert smoothed(cells, cells, AnnotateSpec(), RNG(0)) is cells


def test_what_cannot_be_smoothed_is_refused():
    spec = AnnotateSpec(smoothing=SmoothingSpec())
    with pytest.raises(DataError, match="averages counts"):
        logged = align(toy(np.ones((20, 2)), unit="log1p"), ["g0", "g1"])
        smoothed(logged, logged, spec, RNG(0))
    with pytest.raises(DataError, match="too few cells"):
        few = align(toy(np.ones((5, 2))), ["g0", "g1"])
        smoothed(few, few, spec, RNG(0))


def test_smoothing_needs_all_cells_in_memory():
    with pytest.raises(SpecError, match="compares all cells in memory"):
        replaced(recipe("gene_activity_annotator").spec, "data.on_disk", "always")


def test_the_setting_is_off_unless_a_recipe_asks_for_it():
    assert parse(AnnotateSpec, {}).smoothing is None
    assert recipe("gene_activity_annotator").spec.analysis.smoothing is not None  # type: ignore[union-attr]
