from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from core.training.rows import DeviceRows, Picked, SparseRows, rows, sent

CPU, META = torch.device("cpu"), torch.device("meta")
PICKED = [slice(3, 7), slice(2, 2), torch.tensor([5, 0, 9]), torch.tensor([], dtype=torch.int64)]


def counts(n: int = 11, genes: int = 20, density: float = 0.1) -> sparse.csr_matrix:
    return sparse.random(n, genes, density, format="csr", rng=np.random.default_rng(0), dtype=np.float32)


@pytest.mark.parametrize("picked", PICKED)
def test_the_way_sparse_rows_are_picked_on_a_gpu(picked):
    source = SparseRows(counts())
    (x, nonzero) = DeviceRows(source, CPU).pick(Picked(picked), CPU)
    (expected, expected_nonzero) = source.pick(Picked(picked), CPU)
    assert torch.equal(x, expected)
    assert torch.equal(nonzero.position, expected_nonzero.position)
    assert torch.equal(nonzero.value, expected_nonzero.value)


@pytest.mark.parametrize("picked", PICKED)
def test_dense_rows_are_those_of_the_sparse_ones(picked):
    dense, sparse_rows = rows(counts().toarray()), rows(counts())
    assert torch.equal(dense.pick(Picked(picked), CPU)[0], sparse_rows.pick(Picked(picked), CPU)[0])


def test_sparse_rows_for_another_device_are_made_dense_there():
    x, nonzero = SparseRows(counts()).pick(Picked(slice(3, 7)), META)
    assert x.device == nonzero.position.device == nonzero.value.device == META
    assert x.shape == (4, 20)
    assert SparseRows(counts(density=0.8)).pick(Picked(slice(3, 7)), META)[1] is None


def test_what_is_there_already_is_not_sent():
    values = torch.ones(3)
    assert sent(values, CPU) is values
