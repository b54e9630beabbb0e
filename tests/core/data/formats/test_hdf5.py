"""HDF5 files that end too early or are something else."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from core.data.formats.hdf5 import read_hdf5
from core.errors import DataError
from tests.wrong_files import truncated_h5ad


def test_a_file_cut_off_says_how_much_is_there(tmp_path: Path):
    path = truncated_h5ad(tmp_path).path
    with pytest.raises(DataError, match=rf"its end is missing\. Got {path.stat().st_size:,} of ") as caught:
        read_hdf5(path)
    assert "eof" not in str(caught.value)
    assert "again" in caught.value.remedy


def test_a_layout_of_its_own_is_named_by_what_it_holds(tmp_path: Path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["picture"] = [1, 2]
    with pytest.raises(DataError, match=r"neither AnnData, 10x nor loom.*picture"):
        read_hdf5(path)
