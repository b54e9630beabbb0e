from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.training.batches import ArrayBatches
from core.training.library import median_library


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_the_median_is_that_of_all_cells_whatever_their_batches(form, monkeypatch):
    counts = np.random.default_rng(0).poisson(1.0, (31, 6)).astype(np.float32)
    expected = np.median(counts.sum(axis=1))
    assert median_library(ArrayBatches(form(counts))) == expected
    monkeypatch.setattr("core.training.library.AT_ONCE", 7)
    assert median_library(ArrayBatches(form(counts))) == expected


def test_it_is_measured_on_what_is_rebuilt():
    target = np.full((5, 4), 2.0, dtype=np.float32)
    assert median_library(ArrayBatches(np.zeros((5, 4), dtype=np.float32), target=target)) == 8
