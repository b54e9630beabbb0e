"""Which parts of the evidence a run can have, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.recipes import recipe
from core.specs import BridgeSourceSpec, RunSpec, SourceSpec
from core.tasks.reference_at_hand import at_hand, refusal

CELLS, AVERAGES = {"types": 3, "cells": 90, "of": 900}, {"types": 3, "cells": 0, "of": 900}


def spec(reference: Path | None, bridge: Path | None = None) -> RunSpec:
    made = recipe("annotator").spec
    data = {
        "reference": SourceSpec(path=str(reference)) if reference else None,
        "bridge": BridgeSourceSpec(path=str(bridge)) if bridge else None,
    }
    return made.model_copy(update={"data": made.data.model_copy(update=data)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reference.h5ad"
    path.touch()
    return path


def test_a_reference_that_is_there_is_used_for_every_part(file: Path):
    assert at_hand(spec(file))
    assert not refusal(spec(file), None, "genes") and not refusal(spec(file), AVERAGES, "both")


def test_without_it_the_model_file_decides(file: Path):
    assert not at_hand(spec(None))
    assert not refusal(spec(None), CELLS, "genes") and not refusal(spec(None), AVERAGES, "markers")
    for part in ("genes", "both"):
        said = refusal(spec(None), AVERAGES, part)
        assert "900 reference cells and none of the cells" in said and "Train again with it on" in said


def test_older_model_files_are_told_plainly(file: Path):
    assert "holds no reference cells to compare with" in refusal(spec(None)) and "Train again" in refusal(spec(None))
    assert "no cells of the bridge" in refusal(spec(file, file))


def test_a_bridge_is_judged_by_what_the_model_file_holds(file: Path):
    assert not at_hand(spec(file, file)) and not refusal(spec(file, file), CELLS, "both")
    assert "cells of its bridge have no labels" in refusal(spec(file, file), AVERAGES, "both")


def test_a_file_that_is_gone_is_told_where_it_is_read(tmp_path: Path):
    gone = spec(tmp_path / "gone.h5ad")
    assert not at_hand(gone) and refusal(gone) == "" and refusal(gone, CELLS, "both") == ""


def test_runs_of_other_tasks_have_none():
    assert "gave no labels" in refusal(recipe("pathway_autoencoder").spec, CELLS)
