"""UMAP pictures: the seed decides, small and odd data are handled, landmarks stay close."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from core.embedding import layouts
from core.embedding.layouts import interpolated, landmark_layout, layout, umap_layout
from core.embedding.neighbours import nearest_neighbours
from core.errors import DataError
from core.specs.analysis import EmbeddingSpec

QUICK = EmbeddingSpec(epochs=50)


def blobs(cells: int, dimensions: int = 8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    group = np.arange(cells) % 3
    return rng.normal(size=(cells, dimensions)) + 12 * rng.normal(size=(3, dimensions))[group], group


def nearest_group(picture: np.ndarray, group: np.ndarray) -> np.ndarray:
    return group[nearest_neighbours(picture, 1).indices[:, 0]]


def test_the_seed_decides_and_groups_stay_together():
    values, group = blobs(300)
    first, again = umap_layout(values, QUICK, 1), umap_layout(values, QUICK, 1)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, umap_layout(values, QUICK, 2))
    assert first.shape == (300, 2)
    assert first.dtype == np.float32
    assert (nearest_group(first, group) == group).mean() > 0.98


def test_neighbours_found_before_give_the_same_picture():
    values, _ = blobs(200)
    given = nearest_neighbours(values, 30)
    np.testing.assert_array_equal(umap_layout(values, QUICK, 0, given), umap_layout(values, QUICK, 0))


@pytest.mark.parametrize("cells", [4, 5, 16])
def test_fewer_cells_than_neighbours(cells):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert np.isfinite(umap_layout(blobs(cells)[0], EmbeddingSpec(neighbours=30), 0)).all()


def test_a_code_of_one_unit_and_copies_of_cells():
    assert np.isfinite(umap_layout(blobs(60, 1)[0], QUICK, 0)).all()
    assert np.isfinite(umap_layout(np.repeat(blobs(10)[0], 6, axis=0), QUICK, 0)).all()


def test_three_cells_and_equal_cells_are_refused():
    with pytest.raises(DataError, match=r"at least four cells\. Got 3\. Choose more cells\."):
        umap_layout(blobs(3)[0], QUICK, 0)
    with pytest.raises(DataError, match="same values"):
        umap_layout(np.ones((20, 4)), QUICK, 0)


def test_interpolation_between_landmarks():
    landmarks = np.arange(12.0)[:, None]
    placed = np.hstack([landmarks, -landmarks])
    found = interpolated(landmarks, placed, np.array([[3.0], [5.5]]))
    np.testing.assert_allclose(found[0], [3, -3], atol=1e-5)
    assert 5 < found[1, 0] < 6


def test_landmarks_put_other_cells_into_their_group():
    values, group = blobs(600)
    picture = landmark_layout(values, QUICK, 0, landmarks=200)
    assert (nearest_group(picture, group) == group).mean() > 0.98


def test_landmarks_that_are_asked_for_place_the_others_in_small_data_too():
    values, group = blobs(1500)
    asked = QUICK.model_copy(update={"landmarks": 1000})
    found = layout(values, asked, 0, quick=False)
    assert found.approximate
    assert (nearest_group(found.coordinates, group) == group).mean() > 0.98
    assert not layout(blobs(600)[0], asked, 0).approximate


def test_small_data_are_not_approximate():
    found = layout(blobs(50)[0], QUICK, 0)
    assert not found.approximate
    assert found.coordinates.shape == (50, 2)


def test_beyond_the_limit_a_quick_picture_is_approximate_and_a_full_one_is_not(monkeypatch):
    monkeypatch.setattr(layouts, "LANDMARK_CELLS", 500)
    monkeypatch.setattr(layouts, "LANDMARKS", 300)
    values, group = blobs(600)
    found = layouts.layout(values, QUICK, 0)
    assert found.approximate
    assert (nearest_group(found.coordinates, group) == group).mean() > 0.98
    assert not layouts.layout(values, QUICK, 0, quick=False).approximate


def test_what_a_picture_compiles_is_kept_for_the_next_process(tmp_path):
    code = """
import time
import numpy as np, umap
from core.embedding.layouts import umap_layout
from core.specs import EmbeddingSpec
cells = np.random.default_rng(0).normal(size=(200, 10)).astype("f4")
began = time.process_time()
made = umap_layout(cells, EmbeddingSpec(epochs=10), 0)
print(time.process_time() - began, float(np.abs(made).sum()))
"""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    told = [subprocess.check_output(command, env=environment, text=True).split() for _ in range(2)]
    (first, picture), (second, same) = ((float(spent), what) for spent, what in told)
    assert second < first / 2
    assert picture == same
