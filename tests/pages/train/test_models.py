"""Models, as a person uses the page: a model of a run or of a file, cells, settings, and a run like any other."""

from __future__ import annotations

import json
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


def tables(test: AppTest) -> list[list[dict]]:
    """What every table of the page was sent, row by row."""
    found = (json.loads(part.proto.json) for part in test.get("bidi_component"))
    return [each["rows"] for each in found if "rows" in each]


def scaling(test: AppTest):
    return next(box for box in test.segmented_control if box.label == "Scaling statistics")


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
    test.session_state[session.KEPT] = {chosen.MODEL: "run-0001"}
    test.run()
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


def test_a_wrong_file_says_so_in_three_parts_and_is_not_listed(new: Project, represented: Project, look: Look):
    test = add_by_path(look(new, "models"), "model", __file__)
    assert not test.exception
    assert "This file is not a CellDesk model" in words(test) and "Choose a model.safetensors" in words(test)
    test = add_by_path(look(new, "models"), "model", represented.run("run-0001").model_path)
    assert "This model was not trained to label cells" in words(test) and "represent" in words(test)
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


@pytest.fixture
def composition(finished: Project, look: Look) -> AppTest:  # noqa: F811
    """The Models page with the model of the run that takes the demonstration's bulk samples apart."""
    test = look(finished, "composition")
    test.button(key="label-others").click().run()
    assert not test.exception and "<h1>Models</h1>" in words(test)
    assert test.session_state[session.KEPT][chosen.MODEL] == "run-0002"
    return look(finished, "models")


def test_a_model_of_composition_is_offered_the_projects_bulk_and_says_what_it_does(composition: AppTest):
    said = words(composition)
    assert "Samples to take apart" in said and "genes are shared" in said
    assert labels_button(composition).label == "Take these samples apart"
    assert [row["cells"][1] for row in tables(composition)[0]] == ["composition", "labels"]
    assert composition.multiselect[0].label == "Files" and len(composition.multiselect[0].value) == 1
    box = next(box for box in composition.checkbox if box.label == "Compare with the measured proportions")
    assert box.value is True
    assert scaling(composition).value == "learned"


@pytest.mark.slow
def test_several_cohorts_are_taken_apart_and_shown_by_every_page(
    composition: AppTest,
    finished: Project,  # noqa: F811
    look: Look,
    tmp_path: Path,
):
    source = finished.draft.data.bulk
    assert source is not None
    table = pd.read_csv(source.path, index_col=0)
    late = table.iloc[:, :3].set_axis(pd.Index(["one", "two", "three"]), axis=1)
    genes = ModelHeader.read(finished.run("run-0002").model_path).genes
    late.drop(index=list(genes[: len(genes) // 2])).to_csv(tmp_path / "late.csv")
    draft = finished.draft
    test = add_by_path(composition, "bulk", tmp_path / "late.csv")
    assert not test.exception and finished.draft == draft
    assert "lacks more than 20 % of the model" in words(test) and not test.checkbox
    test.multiselect[0].set_value([source.path, str(tmp_path / "late.csv")]).run()
    rows = tables(test)[-1]
    assert [row["cells"][:2] for row in rows] == [[Path(source.path).stem, str(table.shape[1])], ["late", "3"]]
    labels_button(test).click().run(timeout=120)
    assert not test.exception
    run = ended(finished.run("run-0003"))
    assert run.status.state == "finished", run.log_tail()
    assert run.spec.data.reference is None and run.spec.data.truth is None
    assert run.summary["cohorts"] == {Path(source.path).stem: table.shape[1], "late": 3}
    test = look(finished, "runs")
    said = words(test)
    assert "<h1>Run 3</h1>" in said and "Taken apart by a trained model" in said and "Cohorts" in said
    test = look(finished, "composition")
    assert next(box for box in test.selectbox if box.label == "Run").options[0] == "Run 3"
    assert "stale" not in words(test) and "Simulated mixtures kept for the test" in words(test)
    test.segmented_control(key="composition-view").set_value("Errors").run()
    assert not test.exception
    test = look(finished, "export")
    assert any("--model" in block.value and "late.csv" in block.value for block in test.code), test.code


def test_measured_proportions_of_the_projects_own_samples_are_compared(composition: AppTest, finished: Project):  # noqa: F811
    labels_button(composition).click().run(timeout=120)
    run = ended(finished.run("run-0003"))
    assert run.status.state == "finished", run.log_tail()
    assert run.spec.data.truth == finished.draft.data.truth and "measured" in run.summary
    own, again = (pd.read_csv(finished.run(name).directory / "composition.csv") for name in ("run-0002", "run-0003"))
    pd.testing.assert_frame_equal(own, again)


def test_one_sample_alone_cannot_be_scaled_by_its_own_cohort(
    composition: AppTest,
    finished: Project,  # noqa: F811
    tmp_path: Path,
):
    source = finished.draft.data.bulk
    assert source is not None
    pd.read_csv(source.path, index_col=0).iloc[:, :1].to_csv(tmp_path / "alone.csv")
    test = add_by_path(composition, "bulk", tmp_path / "alone.csv")
    assert not labels_button(test).disabled
    scaling(test).set_value("cohort").run()
    assert "alone has one sample alone" in words(test) and labels_button(test).disabled


def test_a_model_without_mixtures_in_its_file_has_its_results_shown(
    composition: AppTest,
    finished: Project,  # noqa: F811
    look: Look,
):
    run = finished.run("run-0002")
    for name in ("measured", "measured_scores", "test_mixtures", "test_metrics", "even_mixtures", "even_metrics"):
        (run.directory / f"{name}.csv").unlink(missing_ok=True)
    test = look(finished, "composition")
    assert "kept no mixtures in its file" in words(test)
    test.segmented_control(key="composition-view").set_value("Errors").run()
    assert not test.exception and "Nothing to judge the shares by" in words(test)
