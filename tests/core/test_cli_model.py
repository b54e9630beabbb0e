"""A trained model on the command line: what its run is asked, and the command that the Export page writes for it."""

from __future__ import annotations

import json
import shlex
import struct
from pathlib import Path

import pytest

from core.cli import _parser
from core.cli_model import model_spec
from core.data.fingerprint import fingerprint
from core.errors import SpecError
from core.export.script import command
from core.model_header import FORMAT, ModelHeader
from core.recipes import recipe
from core.specs import ModelSourceSpec, RunSpec, SourceSpec, replaced_all
from core.tasks.with_model import applied_spec

DEFAULT = recipe("annotator").for_task("annotate")
TRAINING = {"training.device": "cuda", "training.devices": 2, "training.threads": 64, "seed": 3}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The head of a model that was trained elsewhere, on a larger machine."""
    trained = replaced_all(DEFAULT, {**TRAINING, "data.query": {"path": "theirs.h5ad", "unit": "cpm"}})
    facts = {
        "format": FORMAT,
        "spec": trained.model_dump(mode="json"),
        "features": {"genes": ["CD3E", "LYZ"]},
        "classes": ["B", "T"],
        "members": 2,
        "about": {},
    }
    head = json.dumps({"__metadata__": {"celldesk": json.dumps(facts)}}).encode()
    path = tmp_path / "their model.safetensors"
    path.write_bytes(struct.pack("<Q", len(head)) + head)
    return path


def told(line: str, query: str) -> RunSpec:
    """The spec that a command line arrives at."""
    words = shlex.split(line.replace("\\\n", " "))
    assert words[:4] == ["python", "-m", "core", "annotate"]
    options = _parser().parse_args(words[3:])
    assert options.query == query
    return model_spec(options, {"query": SourceSpec(path=options.query)})


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"label_column": "author type", "batch_column": "donor", "gene_column": "symbol"},
        {"modality": "rna", "unit": "counts", "counts": "layers/raw", "orientation": "cells_in_rows"},
    ],
    ids=["plain", "columns", "parts"],
)
def test_the_exported_command_says_how_the_query_is_read(model: Path, query: dict):
    source = ModelSourceSpec(path=str(model), fingerprint=fingerprint(model))
    cells = SourceSpec.model_validate({"path": "my cells.h5mu", **query})
    settings = {"analysis.voting": {"over": "clusters"}, "analysis.embedding.epochs": 30}
    spec = applied_spec(ModelHeader.read(model), source, {"query": cells}, settings)
    spec = replaced_all(spec, {"training.threads": 4})
    assert told(command(spec, DEFAULT, "out"), cells.path) == spec


def test_the_querys_fingerprint_is_no_setting(model: Path):
    cells = SourceSpec(path="q.h5ad", fingerprint="abc")
    spec = applied_spec(ModelHeader.read(model), ModelSourceSpec(path=str(model)), {"query": cells}, {})
    assert "abc" not in command(spec, DEFAULT, "out")


def test_a_model_from_a_larger_machine_asks_for_none_of_its_devices(model: Path):
    training = told(f"python -m core annotate --model '{model}' --query q.h5ad --out o", "q.h5ad").training
    assert (training.device, training.devices, training.threads) == ("cpu", 1, 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--recipe deepscore", "its own reference"),
        ("--seed 4", "its own seed"),
        ("--set features.target=5", "its own settings"),
        ("--set data.query.colour=red", "colour"),
    ],
)
def test_what_a_model_brings_along_is_refused(model: Path, more: str, said: str):
    with pytest.raises(SpecError, match=said):
        told(f"python -m core annotate --model '{model}' --query q.h5ad --out o {more}", "q.h5ad")
