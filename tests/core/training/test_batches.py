from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.errors import DataError
from core.training.batches import ArrayBatches, spans
from core.training.seeding import generator

CPU = torch.device("cpu")


def counts(n: int = 11, genes: int = 20, density: float = 0.1) -> sparse.csr_matrix:
    return sparse.random(n, genes, density, format="csr", rng=np.random.default_rng(0), dtype=np.float32)


def test_spans_merge_a_single_last_cell():
    assert spans(7, 3) == [(0, 3), (3, 7)]
    assert spans(8, 3) == [(0, 3), (3, 6), (6, 8)]
    assert spans(7, 3, merge_last=False) == [(0, 3), (3, 6), (6, 7)]
    assert spans(3, 1) == [(0, 1), (1, 2), (2, 3)]
    assert spans(1, 5) == [(0, 1)]


@given(st.integers(1, 200), st.integers(1, 60))
def test_spans_cover_every_row_once(n, size):
    found = spans(n, size)
    assert [row for start, stop in found for row in range(start, stop)] == list(range(n))
    assert size == 1 or n == 1 or min(stop - start for start, stop in found) > 1


def test_in_order_without_a_generator():
    x = np.arange(10, dtype=np.float64).reshape(5, 2)
    batches = list(ArrayBatches(x, labels=np.arange(5)).epoch(0, 2, None, CPU))
    assert torch.equal(torch.cat([batch.x for batch in batches]), torch.from_numpy(x).float())
    assert torch.equal(torch.cat([batch.labels for batch in batches]), torch.arange(5))


def test_shuffled_batches_keep_rows_together_and_depend_on_the_generator():
    x, labels = np.repeat(np.arange(50.0)[:, None], 3, axis=1), np.arange(50)
    batches = ArrayBatches(x, labels, proportions=x / 50, target=x + 1)
    orders = []
    for epoch in (1, 1, 2):
        rows = list(batches.epoch(epoch, 8, generator(0, epoch), CPU))
        for batch in rows:
            torch.testing.assert_close(batch.x[:, 0], batch.labels.float())
            torch.testing.assert_close(batch.target, batch.x + 1)
            torch.testing.assert_close(batch.proportions, batch.x / 50)
        orders.append(torch.cat([batch.labels for batch in rows]).tolist())
    assert sorted(orders[0]) == list(range(50))
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.coo_matrix])
def test_sparse_batches_equal_dense_ones(kind):
    matrix = counts()
    dense = ArrayBatches(matrix.toarray()).epoch(1, 4, generator(0), CPU)
    for one, other in zip(ArrayBatches(kind(matrix)).epoch(1, 4, generator(0), CPU), dense, strict=True):
        assert torch.equal(one.x, other.x)
        flat = torch.zeros(one.x.numel())
        flat[one.nonzero.position] = one.nonzero.value
        assert torch.equal(flat.view_as(one.x), one.x)
        assert other.nonzero is None


def test_integer_counts_become_float32():
    batch = next(ArrayBatches((counts() * 10).astype(np.uint16)).epoch(0, 4, None, CPU))
    assert batch.x.dtype == batch.nonzero.value.dtype == torch.float32


def test_nonzero_values_are_left_out_where_they_would_not_help():
    filled = ArrayBatches(counts(density=0.8))
    assert next(filled.epoch(0, 4, None, CPU)).nonzero is None
    other_target = ArrayBatches(counts(), target=np.ones((11, 20)))
    assert next(other_target.epoch(0, 4, None, CPU)).nonzero is None


def test_empty_and_uneven_arrays_are_refused():
    with pytest.raises(DataError, match="no cells"):
        ArrayBatches(np.zeros((0, 3)))
    with pytest.raises(DataError, match="labels differ"):
        ArrayBatches(np.zeros((4, 3)), labels=np.zeros(5))


@pytest.mark.parametrize("made", [np.asarray, sparse.csr_matrix, torch.from_numpy])
def test_batches_of_some_rows_are_those_of_an_array_of_these_rows(made):
    x, among = counts(30).toarray(), np.array([7, 3, 3, 21, 29])
    some = ArrayBatches(made(x), labels=np.arange(30), among=among)
    alone = ArrayBatches(made(x)[among], labels=np.arange(30)[among])
    assert some.n == 5
    for seed in (None, 1):
        ours, theirs = (
            list(each.epoch(0, 2, None if seed is None else generator(seed, "order"), CPU)) for each in (some, alone)
        )
        for our, their in zip(ours, theirs, strict=True):
            assert torch.equal(our.x, their.x)
            assert torch.equal(our.labels, their.labels)


def test_rows_made_when_asked_for_are_those_of_the_array():
    x = counts(30).toarray()

    class Made:
        shape = x.shape

        def __getitem__(self, rows):
            return x[rows].copy()

    ours, theirs = (
        list(ArrayBatches(each, among=np.arange(5, 25)).epoch(0, 6, generator(2, "order"), CPU)) for each in (Made(), x)
    )
    assert all(torch.equal(our.x, their.x) for our, their in zip(ours, theirs, strict=True))
