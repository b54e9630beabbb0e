"""What only a graphics card can show: the losses of the CPU, data that stay on the card, a card that is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import Tensor, nn

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
from core.training import batches as batches_module
from core.training.batches import ArrayBatches
from core.training.predict import outputs
from core.training.rows import DeviceRows, SparseRows
from core.training.seeding import generator
from core.training.state import TrainerState
from core.training.trainer import fit

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU"),
]
CUDA, CPU = torch.device("cuda"), torch.device("cpu")
NETWORK = NetworkSpec(
    encoder=(LayerSpec(units=32, norm="batch"),), code=LayerSpec(units=8), output_activation="softplus"
)
OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"), classes=ClassSpec())
TRAIN = TrainSpec(batch_size=64, epochs=4, patience=None)
MIB = 2**20
LEFT = 700 * MIB


def cells(n: int = 500, genes: int = 200, seed: int = 0) -> ArrayBatches:
    rng = np.random.default_rng(seed)
    counts = sparse.random(n, genes, 0.1, format="csr", rng=rng, dtype=np.float32)
    counts.data = rng.geometric(0.4, counts.nnz).astype(np.float32)
    return ArrayBatches(counts, rng.integers(0, 3, n))


def trained(device: torch.device, train: TrainSpec = TRAIN, **rest):
    module = build(NETWORK, OBJECTIVE, 200, 3, torch.Generator().manual_seed(0))
    return list(
        fit(module, Objective(OBJECTIVE), cells(), cells(100, seed=1), train, seed=0, device=device, **rest)
    ), module


@contextmanager
def nearly_full() -> Iterator[None]:
    """All but some hundred megabytes of the card are taken."""
    torch.cuda.empty_cache()
    taken = torch.empty(torch.cuda.mem_get_info()[0] - LEFT, dtype=torch.uint8, device=CUDA)
    try:
        yield
    finally:
        del taken
        torch.cuda.empty_cache()


@pytest.mark.parametrize("resident", [True, False])
@pytest.mark.parametrize(("precision", "within"), [("fp32", 1e-3), ("medium", 5e-3), ("bf16", 2e-2)])
def test_losses_are_those_of_the_cpu(precision, within, resident, monkeypatch):
    expected, _ = trained(CPU)
    if not resident:
        monkeypatch.setattr(batches_module, "DEVICE_SHARE", 0.0)
    records, _ = trained(CUDA, TRAIN.model_copy(update={"precision": precision}))
    for one, other in zip(records, expected, strict=True):
        assert one.train["loss"] == pytest.approx(other.train["loss"], rel=within)
        assert one.validation["loss"] == pytest.approx(other.validation["loss"], rel=within)


@pytest.mark.parametrize("resident", [True, False])
def test_batches_on_the_card_are_those_of_the_cpu(resident, monkeypatch):
    if not resident:
        monkeypatch.setattr(batches_module, "DEVICE_SHARE", 0.0)
    source = cells()
    for draw in (None, 1):
        order = [None if draw is None else generator(0, draw) for _ in range(2)]
        found = list(source.epoch(1, 64, order[0], CUDA))
        assert isinstance(source.rows, DeviceRows if resident else SparseRows)
        for one, other in zip(found, cells().epoch(1, 64, order[1], CPU), strict=True):
            assert one.x.device.type == "cuda"
            assert torch.equal(one.x.cpu(), other.x)
            assert torch.equal(one.labels.cpu(), other.labels)
            assert torch.equal(one.nonzero.position.cpu(), other.nonzero.position)
            assert torch.equal(one.nonzero.value.cpu(), other.nonzero.value)


def test_a_full_card_halves_the_batch_until_it_fits():
    source = cells(16_384, 3000)
    module = build(NETWORK, OBJECTIVE, 3000, 3, torch.Generator().manual_seed(0))
    train = TRAIN.model_copy(update={"batch_size": 16_384, "epochs": 2})
    states: list[TrainerState] = []
    with nearly_full():
        run = fit(module, Objective(OBJECTIVE), source, None, train, seed=0, device=CUDA, on_state=states.append)
        first, second = run
    assert "memory was full at batch size 16384: the batch size is now 8192" in first.notes[0]
    assert not second.notes
    assert states[-1].progress.batch_size < 16_384
    assert np.isfinite(second.train["loss"])


def test_a_full_card_predicts_fewer_cells_at_a_time():
    source = cells(16_384, 3000)
    module = build(NETWORK, OBJECTIVE, 3000, 3, torch.Generator().manual_seed(0))
    expected = outputs(module, source, names={"class_logits"})["class_logits"]
    with nearly_full():
        found = outputs(module, source, 16_384, CUDA, {"class_logits"})["class_logits"]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_an_allocation_that_can_never_succeed_halves_the_batch():
    class Greedy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.back = nn.Linear(200, 2), nn.Linear(2, 200)

        def encode(self, x: Tensor) -> Tensor:
            return self.first(x)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            if len(x) > 8:
                torch.empty(2**50, device=x.device)
            return {"code": self.encode(x), "reconstruction": self.back(self.encode(x))}

    rebuild = ObjectiveSpec(reconstruction=ReconstructionSpec())
    train = TRAIN.model_copy(update={"batch_size": 32, "epochs": 1})
    (record,) = fit(Greedy(), Objective(rebuild), cells(64), None, train, seed=0, device=CUDA)
    assert len(record.notes) == 2
    assert "now 8" in record.notes[-1]


def test_a_run_goes_on_where_it_stopped(tmp_path):
    whole, _ = trained(CUDA)
    path = tmp_path / "state.safetensors"
    first, _ = trained(CUDA, TRAIN.model_copy(update={"epochs": 2}), on_state=lambda state: state.save(path))
    rest, _ = trained(CUDA, state=TrainerState.load(path))
    for one, other in zip(first + rest, whole, strict=True):
        assert one.train["loss"] == pytest.approx(other.train["loss"], rel=1e-4)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="this machine has fewer than two CUDA GPUs")
def test_two_cards_give_what_one_gives():
    (records, module), (expected, alone) = (
        trained(CUDA, TRAIN.model_copy(update={"devices": count, "optimiser": "sgd", "learning_rate": 0.1}))
        for count in (2, 1)
    )
    for one, other in zip(records, expected, strict=True):
        assert one.train["loss"] == pytest.approx(other.train["loss"], rel=1e-4)
    for name, value in module.state_dict().items():
        torch.testing.assert_close(value, alone.state_dict()[name].cpu(), rtol=0, atol=1e-4, msg=name)
