from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch
from scipy import sparse

from core.errors import DataError
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
from core.training import disk_batches
from core.training.batches import ArrayBatches, spans
from core.training.disk_batches import DiskBatches, batches_of
from core.training.predict import outputs
from core.training.seeding import generator
from core.training.trainer import fit

CPU = torch.device("cpu")


class Stored:
    """A matrix that stands for one on disk."""

    def __init__(self, values) -> None:
        self.values, self.shape = values, values.shape
        self.threads: set[int] = set()

    def read(self, rows: np.ndarray):
        self.threads.add(threading.get_ident())
        return self.values[rows]


@pytest.fixture
def counts() -> sparse.csr_matrix:
    """Every cell is told by its first gene; the cells lie in order."""
    rng = np.random.default_rng(0)
    values = sparse.random(1000, 30, 0.1, format="lil", rng=rng, dtype=np.float32)
    values[:, 0] = np.arange(1, 1001)[:, None]
    return sparse.csr_matrix(values, dtype=np.float32)


@pytest.fixture
def small_pool(monkeypatch) -> None:
    monkeypatch.setattr(disk_batches, "POOL", 200)
    monkeypatch.setattr(disk_batches, "BLOCK", 16)


def cells(batches) -> list[torch.Tensor]:
    return [batch.x[:, 0].long() - 1 for batch in batches]


@pytest.mark.parametrize("batch_size", [1, 7, 37, 333, 999, 5000])
def test_every_cell_once_in_batches_of_the_same_sizes_as_in_memory(counts, small_pool, batch_size):
    found = cells(DiskBatches(Stored(counts)).epoch(1, batch_size, generator(0, "order", 1), CPU))
    assert sorted(torch.cat(found).tolist()) == list(range(1000))
    assert [len(batch) for batch in found] == [stop - start for start, stop in spans(1000, batch_size)]


def test_batches_hold_the_values_labels_and_non_zeros_of_memory(counts, small_pool):
    labels = np.arange(1000) % 5
    for batch in DiskBatches(Stored(counts), labels).epoch(1, 64, generator(3), CPU):
        rows = (batch.x[:, 0].long() - 1).numpy()
        np.testing.assert_array_equal(batch.x.numpy(), counts[rows].toarray())
        np.testing.assert_array_equal(batch.labels.numpy(), labels[rows])
        rebuilt = torch.zeros_like(batch.x).view(-1)
        rebuilt[batch.nonzero.position] = batch.nonzero.value
        assert torch.equal(rebuilt.view_as(batch.x), batch.x)


def test_in_order_without_a_generator(counts, small_pool):
    ours = list(DiskBatches(Stored(counts)).epoch(0, 48, None, CPU))
    theirs = list(ArrayBatches(counts).epoch(0, 48, None, CPU))
    assert len(ours) == len(theirs)
    for mine, known in zip(ours, theirs, strict=True):
        assert torch.equal(mine.x, known.x)
        assert torch.equal(mine.nonzero.position, known.nonzero.position)


def test_the_same_generator_gives_the_same_order_and_epochs_differ(counts, small_pool):
    batches = DiskBatches(Stored(counts))
    first, again, other = (
        torch.cat(cells(batches.epoch(number, 32, generator(0, "order", number), CPU))) for number in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_batch_mixes_cells_from_all_over_the_file(counts, small_pool):
    found = cells(DiskBatches(Stored(counts)).epoch(1, 50, generator(0), CPU))
    assert all(len(torch.unique(batch // 16)) >= 10 for batch in found)


def test_another_thread_reads_ahead_and_ends_with_the_epoch(counts, small_pool):
    stored = Stored(counts)
    batches = DiskBatches(stored)
    stored.threads.clear()
    list(batches.epoch(1, 50, generator(0), CPU))
    assert stored.threads
    assert threading.get_ident() not in stored.threads
    epoch = batches.epoch(1, 50, generator(0), CPU)
    next(epoch)
    epoch.close()
    time.sleep(0.05)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("cells")]


def test_what_goes_wrong_while_reading_ahead_is_raised(counts, small_pool):
    stored = Stored(counts)
    batches = DiskBatches(stored)
    stored.values = counts[:20]
    with pytest.raises(IndexError):
        list(batches.epoch(1, 50, generator(0), CPU))


def test_dense_rows_and_a_small_pool_for_wide_ones(counts, monkeypatch):
    dense = counts.toarray()
    monkeypatch.setattr(disk_batches, "POOL_BYTES", 100 * dense[0].nbytes)
    batches = DiskBatches(Stored(dense))
    assert batches.pool == 100
    for batch in batches.epoch(1, 30, generator(0), CPU):
        assert batch.nonzero is None
        np.testing.assert_array_equal(batch.x.numpy(), dense[(batch.x[:, 0].long() - 1).numpy()])


def test_no_cells_and_labels_of_another_number_are_refused(counts):
    with pytest.raises(DataError, match="no cells"):
        DiskBatches(Stored(counts[:0]))
    with pytest.raises(DataError, match="differ in number"):
        DiskBatches(Stored(counts), np.zeros(3))


def test_the_kind_of_matrix_decides_the_kind_of_batches(counts):
    assert isinstance(batches_of(Stored(counts)), DiskBatches)
    assert isinstance(batches_of(counts), ArrayBatches)


NETWORK = NetworkSpec(
    encoder=(LayerSpec(units=8, activation="softplus"),),
    code=LayerSpec(units=4, activation="softplus"),
    output_activation="softplus",
)
OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson"))


def trained(counts, epochs: int, state=None):
    network = build(NETWORK, OBJECTIVE, 30, 0, torch.Generator().manual_seed(0))
    spec = TrainSpec(batch_size=32, epochs=epochs, precision="fp32", restore_best=False)
    kept: list = []
    batches, check = DiskBatches(Stored(counts)), DiskBatches(Stored(counts[::7]))
    records = list(fit(network, Objective(OBJECTIVE), batches, check, spec, seed=1, state=state, on_state=kept.append))
    return network, records, kept


def test_a_resumed_run_repeats_an_uninterrupted_one(counts, small_pool):
    counts = sparse.csr_matrix(counts[:, 1:])
    counts = sparse.csr_matrix(sparse.hstack([counts, counts[:, :1]]))
    whole, records, kept = trained(counts, 4)
    resumed, later, _ = trained(counts, 4, state=kept[1])
    assert [record.number for record in later] == [3, 4]
    assert [record.validation for record in later] == [record.validation for record in records[2:]]
    for mine, theirs in zip(resumed.parameters(), whole.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_outputs_are_those_of_memory(counts, small_pool):
    network = build(NETWORK, OBJECTIVE, 30, 0, torch.Generator().manual_seed(0))
    ours, theirs = outputs(network, Stored(counts), names={"code"}), outputs(network, counts, names={"code"})
    np.testing.assert_allclose(ours["code"], theirs["code"], rtol=1e-6)
