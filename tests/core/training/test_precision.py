from __future__ import annotations

import pytest
import torch

from core.errors import SpecError
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
from core.training.batches import ArrayBatches
from core.training.precision import PRECISIONS, autocast, matrix_precision, probe
from core.training.trainer import fit


def test_probe_reports_speed_and_error_of_each_precision():
    rows = {row["precision"]: row for row in probe(repeats=1)}
    assert tuple(rows) == PRECISIONS
    assert rows["fp32"]["speed"] == 1
    assert rows["fp32"]["error"] < 1e-5
    assert 1e-4 < rows["bf16"]["error"] < 1e-2
    assert all(row["gigaflops"] > 0 for row in rows.values())


@pytest.mark.parametrize(("precision", "inside"), [("medium", "medium"), ("fp32", "highest"), ("bf16", "highest")])
def test_matrix_precision_is_given_back(precision, inside):
    before = torch.get_float32_matmul_precision()
    with matrix_precision(precision):
        assert torch.get_float32_matmul_precision() == inside
    assert torch.get_float32_matmul_precision() == before


def test_autocast_computes_in_bf16_only_if_asked():
    layer, cells = torch.nn.Linear(3, 2), torch.rand(4, 3)
    for precision, kind in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with autocast(precision, torch.device("cpu")):
            assert layer(cells).dtype == kind


def test_training_is_told_a_precision_and_never_to_choose_one():
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="mse"))
    network = build(NetworkSpec(encoder=(), code=LayerSpec(units=2)), objective, 5, 0, torch.Generator())
    epochs = fit(
        network, Objective(objective), ArrayBatches(torch.rand(8, 5)), None, TrainSpec(precision="auto"), seed=0
    )
    with pytest.raises(SpecError, match="measured before training"):
        next(epochs)
