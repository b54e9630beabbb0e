from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from core.errors import RunError
from core.training.batches import ArrayBatches
from core.training.parcel import APART, pack, unpack


def test_large_arrays_travel_as_files_that_are_written_once(tmp_path):
    large, small = np.arange(APART, dtype=np.float32), np.arange(3)
    tensor = torch.ones(APART, dtype=torch.int64)
    pack({"large": large, "again": large, "small": small, "tensor": tensor, "word": "cells"}, tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2
    found = unpack(tmp_path)
    np.testing.assert_array_equal(found["large"], large)
    np.testing.assert_array_equal(found["small"], small)
    assert torch.equal(found["tensor"], tensor)
    assert found["word"] == "cells"


def test_what_is_changed_stays_in_the_process_that_changes_it(tmp_path):
    pack({"x": np.zeros(APART)}, tmp_path)
    one = unpack(tmp_path)["x"]
    one += 1
    assert unpack(tmp_path)["x"].sum() == 0


def test_networks_and_sparse_cells_come_back_as_they_were(tmp_path):
    network = nn.Linear(300, 200)
    matrix = sparse.random(500, 300, 0.4, format="csr", rng=np.random.default_rng(0), dtype=np.float32)
    pack((network, ArrayBatches(matrix)), tmp_path)
    learned, batches = unpack(tmp_path)
    assert torch.equal(learned.weight, network.weight)
    assert learned.weight.requires_grad
    assert (batches.rows.matrix != matrix).nnz == 0


def test_mapped_and_odd_arrays_travel_too(tmp_path):
    mapped = np.memmap(tmp_path / "own", np.uint16, "w+", shape=(APART,))
    mapped[:] = 7
    words = np.array(["cell"] * APART, dtype=object)
    half = torch.ones(APART, dtype=torch.bfloat16)
    pack((mapped, words, half), tmp_path)
    found = unpack(tmp_path)
    np.testing.assert_array_equal(found[0], mapped)
    assert found[1].tolist() == words.tolist()
    assert torch.equal(found[2], half)


def test_what_belongs_to_one_process_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"cannot be handed.*lambda.*training\.devices"):
        pack({"step": lambda x: x}, tmp_path)
    with (tmp_path / "open").open("w") as file, pytest.raises(RunError, match="cannot be handed"):
        pack(file, tmp_path)
