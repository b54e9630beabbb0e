from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from core.data import blocks
from core.data.blocks import column_above, column_range, column_sums, lowest, of_columns, pieces, row_totals, sampled
from core.data.cache_file import CacheFile, opened, write


def counts(n: int = 300, genes: int = 40, seed: int = 0) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    values = sparse.random(n, genes, 0.2, format="csr", rng=rng)
    values.data = rng.geometric(0.4, values.nnz).astype(np.float32)
    values = values.astype(np.float32)
    values[5] = 0  # a cell without counts
    values.eliminate_zeros()
    return values


def stored(values: sparse.csr_matrix, folder: Path, rows_at_once: int = 70) -> CacheFile:
    folder.mkdir(parents=True, exist_ok=True)
    parts = (values[start : start + rows_at_once] for start in range(0, values.shape[0], rows_at_once))
    write(parts, folder, values.shape[1], "key")
    found = opened(folder, "key")
    assert found is not None
    return found


@pytest.fixture
def pair(tmp_path: Path) -> tuple[sparse.csr_matrix, CacheFile]:
    values = counts()
    return values, stored(values, tmp_path / "cells")


def same(a: sparse.csr_matrix, b: sparse.csr_matrix) -> None:
    np.testing.assert_array_equal(a.toarray(), b.toarray())


@settings(max_examples=40)
@given(rows=st.lists(st.integers(0, 299), max_size=400))
def test_rows_come_in_the_order_asked_for_however_often(rows):
    values = counts()
    with tempfile.TemporaryDirectory() as folder:
        found = stored(values, Path(folder)).read(np.array(rows, dtype=np.int64))
    same(found, values[rows])
    assert found.dtype == np.float32


def test_slices_masks_and_subsets_of_subsets(pair):
    values, file = pair
    same(file.read(), values)
    same(file.read(slice(10, 20)), values[10:20])
    same(file.read(slice(0, 0)), values[:0])
    mask = np.arange(300) % 3 == 0
    same(file[mask].read(), values[mask])
    same(file[mask][np.array([9, 2, 50])].read(slice(1, 3)), values[mask][[2, 50]])


def test_columns_move_and_missing_ones_hold_zeros(pair):
    values, file = pair
    same(of_columns(file, np.array([7, 3, 39])).read(), values[:, [7, 3, 39]])
    found = file.columns(np.array([4, -1, 2])).read()
    np.testing.assert_array_equal(found.toarray(), np.insert(values[:, [4, 2]].toarray(), 1, 0, axis=1))
    assert found.has_sorted_indices


def test_a_step_sees_its_own_row_numbers_after_a_subset(pair):
    values, file = pair
    factor = np.arange(300, dtype=np.float32)
    scaled = file.mapped(lambda part, rows: sparse.csr_matrix(part.multiply(factor[rows][:, None])), 40)
    chosen = np.array([200, 3, 77])
    same(scaled[chosen].read(), sparse.csr_matrix(values.multiply(factor[:, None]))[chosen])


def test_sums_agree_with_those_in_memory(pair, monkeypatch):
    values, file = pair
    monkeypatch.setattr(blocks, "PIECE", 64)
    picked = file[np.arange(1, 300, 2)]
    for ours, theirs in ((file, values), (picked, values[1::2]), (file.columns(np.arange(5)), values[:, :5])):
        np.testing.assert_array_equal(row_totals(ours), row_totals(theirs))
        np.testing.assert_array_equal(ours.sizes, np.diff(theirs.indptr))
        for mine, known in zip(column_sums(ours), column_sums(theirs), strict=True):
            np.testing.assert_array_equal(mine, known)
        for mine, known in zip(column_range(ours), column_range(theirs), strict=True):
            np.testing.assert_array_equal(mine, known)
        known = (theirs.toarray() > 1).sum(axis=0)
        for each in (ours, theirs, theirs.toarray()):
            np.testing.assert_array_equal(column_above(each, 1), known)
        assert lowest(ours) == lowest(theirs) == 0
    assert [rows.stop - rows.start for rows, _ in pieces(file)] == [64, 64, 64, 64, 44]


def test_values_below_zero_are_known_of_a_subset_too(tmp_path):
    values = counts()
    values[10, 3] = -2.5
    file = stored(values, tmp_path)
    assert (lowest(file), lowest(file[np.array([10])]), lowest(file[np.array([11])])) == (-2.5, -2.5, 0)
    np.testing.assert_array_equal(row_totals(file[np.array([10, 11])]), row_totals(values[10:12]))


def test_a_sample_is_everything_where_there_is_little(pair, monkeypatch):
    values, file = pair
    same(sampled(file, np.random.default_rng(0)), values)
    monkeypatch.setattr(blocks, "LEARNED_FROM", 100)
    assert sampled(file, np.random.default_rng(0)).shape == (100, 40)


def test_keys_tell_rows_and_columns_apart(pair):
    _, file = pair
    keys = [file.key, file[np.arange(3)].key, file[np.arange(4)].key, file.columns(np.arange(3)).key]
    keys.append(file.columns(np.array([2, 1, 0])).key)
    assert len(set(keys)) == len(keys)
    assert file[np.arange(3)].key == file[:3].key
    assert file.mapped(lambda part, _: part, 40)[np.arange(3)].key == ""
