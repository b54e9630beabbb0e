from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from anndata.io import write_elem
from scipy import sparse

from core import results_file
from core.results_file import column, names, part, row_parts, row_sums

VALUES = np.array([[0, 2, 0], [1, 0, 3], [0, 0, 0], [4, 5, 6]], dtype=np.float32)


@pytest.mark.parametrize("at_once", [1, 2, 1000])
@pytest.mark.parametrize("stored", [sparse.csr_matrix(VALUES), VALUES], ids=["sparse", "dense"])
def test_columns_and_sums_are_those_of_the_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored, at_once: int
):
    monkeypatch.setattr(results_file, "AT_ONCE", at_once)
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        write_elem(file, "X", stored)
    for number in range(3):
        np.testing.assert_array_equal(column(path, "X", number, 4), VALUES[:, number])
    np.testing.assert_array_equal(row_sums(path, "X"), VALUES.sum(axis=1))
    parts = [sparse.csr_matrix(rows).toarray() for rows in row_parts(path, "X", at_once)]
    np.testing.assert_array_equal(np.concatenate(parts), VALUES)
    assert len(parts) == -(-4 // at_once)


def test_a_part_is_found_by_name_with_its_width(tmp_path: Path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        write_elem(file, "obsm", {"two": VALUES[:, :2], "line": VALUES[:, 0]})
    assert names(path, "obsm") == {"line": 0, "two": 2} and names(path, "layers") == {}
    np.testing.assert_array_equal(part(path, "obsm/two"), VALUES[:, :2])
