"""Models, as a person uses the page: a model of a run or of a file, cells, settings, and a run like any other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import anndata
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.model_header import ModelHeader
from core.project import Project
from core.recipes import recipe
from core.runs.run import Run
from core.tasks import model_files
from pages.ui import session
from pages.ui.models import chosen
from tests.pages.explore.conftest import finished, finished_folder, words  # noqa: F401  two of them are fixtures

Look = Callable[[Project, str], AppTest]
MINUTES = 3


def labels_button(test: AppTest):
    return next(button for button in test.button if button.key == "models-start")


def add_by_path(test: AppTest, kind: str, path: object) -> AppTest:
    box = next(box for box in test.text_input if (box.key or "").startswith(f"models-path-of-{kind}-"))
    box.set_value(str(path))
    form = next(button for button in test.button if button.form_id.startswith(f"models-form-{kind}-"))
    return form.click().run(timeout=120)


def ended(run: Run) -> Run:
    until = time.monotonic() + MINUTES * 60
    while run.status.active and time.monotonic() < until:
        time.sleep(0.5)
    return run


@pytest.fixture
def brought(finished: Project, tmp_path: Path) -> Path:  # noqa: F811
    """The model file of a run, somewhere else and under another name."""
    return Path(shutil.copy(finished.run("run-0001").model_path, tmp_path / "blood.safetensors"))


@pytest.fixture
def new(workspace: Path) -> Project:
    """A project for something else, without a file."""
    return Project.create("New", recipe("pathway_autoencoder").spec, workspace / "projects" / "new")


@pytest.mark.slow
def test_other_cells_are_labelled_from_the_annotation_page(finished: Project, look: Look, tmp_path: Path):  # noqa: F811
    test = look(finished, "annotation")
    test.button(key="label-others").click().run()
    assert not test.exception
    said = words(test)
    assert "<h1>Models</h1>" in said and "DeepSCore" in said and "genes are missing" in said
    assert test.session_state[session.KEPT][chosen.MODEL] == "run-0001"
    test = look(finished, "models")
    source = finished.run("run-0001").spec.data.query
    assert source is not None
    cells = anndata.read_h5ad(source.path)
    genes = ModelHeader.read(finished.run("run-0001").model_path).genes
    cells[:50, ~cells.var_names.isin(genes[:2])].copy().write_h5ad(tmp_path / "others.h5ad")
    draft = finished.draft
    test = add_by_path(test, "query", tmp_path / "others.h5ad")
    assert not test.exception and finished.draft == draft
    box = next(box for box in test.selectbox if box.label == "File")
    assert box.value == str(tmp_path / "others.h5ad") and len(box.options) == 2
    assert f"{len(genes)} genes are shared" in words(test) and ">2</div>" in words(test)
    next(toggle for toggle in test.toggle if toggle.label == "Let cells vote").set_value(True).run()
    labels_button(test).click().run(timeout=120)
    assert not test.exception
    run = ended(finished.run("run-0003"))
    assert run.status.state == "finished", run.log_tail()
    assert run.spec.data.reference is None and run.spec.analysis.voting is not None
    assert len(pd.read_csv(run.directory / "annotation.csv")) == 50
    assert "<h1>Run 3</h1>" in words(test) and "by a trained model" in words(test)
    test = look(finished, "annotation")
    assert "stale" not in words(test)
    assert next(box for box in test.selectbox if box.label == "Run").options[0] == "Run 3"


@pytest.mark.slow
def test_a_model_file_from_elsewhere_labels_cells_in_a_project_without_a_reference(
    new: Project,
    brought: Path,
    finished: Project,  # noqa: F811
    look: Look,
):
    test = look(new, "models")
    assert "No trained model yet" in words(test)
    test = add_by_path(test, "model", brought)
    assert not test.exception and "blood.safetensors" in words(test)
    assert labels_button(test).disabled and "No cells yet" in words(test)
    source = finished.run("run-0001").spec.data.query
    assert source is not None
    test = add_by_path(test, "query", source.path)
    assert not test.exception and not labels_button(test).disabled
    brought.unlink()
    labels_button(test).click().run(timeout=120)
    run = ended(new.run("run-0001"))
    assert run.status.state == "finished", run.log_tail()
    ours, theirs = (
        pd.read_csv(each.directory / "annotation.csv")[["cell", "cell_type"]]
        for each in (run, finished.run("run-0001"))
    )
    pd.testing.assert_frame_equal(ours, theirs)
    assert new.draft.data.query is None


def test_a_wrong_file_says_so_in_three_parts_and_is_not_listed(new: Project, finished: Project, look: Look):  # noqa: F811
    test = add_by_path(look(new, "models"), "model", __file__)
    assert not test.exception
    assert "This file is not a CellDesk model" in words(test) and "Choose a model.safetensors" in words(test)
    test = add_by_path(look(new, "models"), "model", finished.run("run-0002").model_path)
    assert "This model was not trained to label cells" in words(test) and "deconvolve" in words(test)
    assert not model_files.model_files(new)


def test_the_data_page_takes_a_model_file_and_leads_to_the_models(new: Project, brought: Path, look: Look):
    test = look(new, "data")
    test.selectbox(key="path-kind-0").set_value("model")
    test.text_input(key="path-of-path-0").set_value(str(brought))
    next(button for button in test.button if button.form_id == "form-path-0").click().run(timeout=120)
    assert not test.exception
    assert "<h1>Models</h1>" in words(test) and "blood.safetensors" in words(test)
    test = look(new, "models")
    test.button(key="models-remove-sure").click().run()
    assert not test.exception and "No trained model yet" in words(test)


def test_cells_of_another_kind_cannot_be_labelled(new: Project, brought: Path, look: Look, tmp_path: Path):
    import numpy as np

    names = [f"Strange{number}" for number in range(40)]
    counts = np.random.default_rng(0).poisson(2.0, (30, 40)).astype(np.float32)
    anndata.AnnData(counts, var=pd.DataFrame(index=names)).write_h5ad(tmp_path / "strange.h5ad")
    test = add_by_path(look(new, "models"), "model", brought)
    test = add_by_path(test, "query", tmp_path / "strange.h5ad")
    assert not test.exception
    assert "Nothing is shared" in words(test) and labels_button(test).disabled
