from __future__ import annotations

import json

import pytest
import torch

from core.networks.build import build
from core.networks.objective import Objective
from core.project import Project
from core.recipes import recipe
from core.runs.measured import FILE, measured
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec, replaced
from core.tasks.precision_step import _chosen, measure_draft, measured_here, settled
from core.training.batches import ArrayBatches

OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="mse"))
CPU = torch.device("cpu")


def mode(precision: str, speed: float, error: float) -> dict:
    return {"precision": precision, "speed": speed, "error": error}


@pytest.mark.parametrize(
    ("medium", "bf16", "chosen"),
    [
        ((1.5, 0.001), (1.9, 0.01), "bf16"),
        ((1.5, 0.001), (1.9, 0.03), "medium"),  # too wrong
        ((1.05, 0.001), (0.8, 0.01), "fp32"),  # too little gained
        ((0.9, 0.0), (1.2, 0.02), "bf16"),
    ],
)
def test_auto_takes_the_fastest_whose_error_is_small(medium, bf16, chosen):
    modes = (mode("fp32", 1.0, 0.0), mode("medium", *medium), mode("bf16", *bf16))
    assert _chosen(modes, "auto") == chosen
    assert _chosen(modes, "medium") == "medium"  # what is asked for is done
    assert _chosen((), "auto") == "fp32"


def trained_in(folder, precision: str) -> str:
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=3))
    network = build(spec, OBJECTIVE, 10, 0, torch.Generator().manual_seed(0))
    training = TrainSpec(precision=precision, batch_size=16)
    return settled(folder, training, network, Objective(OBJECTIVE), ArrayBatches(torch.rand(64, 10)), CPU).precision


def test_a_run_is_measured_once_and_keeps_its_precision_when_resumed(tmp_path):
    first = trained_in(tmp_path, "auto")
    found = measured(tmp_path)
    assert found and first == found.chosen and found.asked == "auto" and found.cells == 16 and found.peak
    record = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps({**record, "chosen": "bf16", "host": "elsewhere"}))
    assert trained_in(tmp_path, "auto") == "bf16"
    assert measured(tmp_path).host == found.host  # the peak is this machine's again


def test_a_precision_that_was_asked_for_is_measured_and_kept(tmp_path):
    assert trained_in(tmp_path, "bf16") == "bf16"
    assert {row["precision"] for row in measured(tmp_path).modes} == {"fp32", "medium", "bf16"}


@pytest.mark.parametrize("name", ["pathway_autoencoder", "digital_sorter", "cell_identity_code", "deepscore"])
def test_a_draft_is_measured_before_anything_is_read(name):
    spec = recipe(name).spec
    project = Project.create("Draft", replaced(spec, "features.target", 50))
    assert measured_here(project, project.draft) is None
    measure_draft(str(project.root))
    found = measured_here(project, project.draft)
    assert found and found.chosen == "fp32" == found.asked
    project.change("training.precision", "bf16")
    assert measured_here(project, project.draft).chosen == "bf16"  # the same measurement, another wish
    project.change("training.batch_size", 7)
    assert measured_here(project, project.draft) is None
