import pytest

from core.errors import ProjectError, SpecError
from core.files import write_json
from core.project import Project
from core.recipes import recipe
from core.runs.status import Status
from core.specs import SourceSpec
from core.steps import staleness, steps
from core.workspace import workspace


@pytest.fixture
def project():
    return Project.create("Lab meeting", recipe("deepscore").spec)


def test_a_project_is_found_again(project):
    assert workspace().project_folders() == [project.root]
    assert Project.open(project.root).name == "Lab meeting"
    assert Project.open(project.root).draft == recipe("deepscore").spec


def test_a_project_in_any_folder_is_remembered(tmp_path):
    Project.create("Elsewhere", recipe("deepscore").spec, tmp_path / "elsewhere")
    assert workspace().project_folders() == [tmp_path / "elsewhere"]


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(ProjectError, match="holds no CellDesk project"):
        Project.open(tmp_path)


def test_a_change_is_on_disk_for_every_tab(project):
    project.change("training.epochs", 7)
    assert Project.open(project.root).draft.training.epochs == 7


def test_a_change_that_does_not_fit_leaves_the_draft_as_it_was(project):
    with pytest.raises(SpecError):
        project.change("training.epochs", 0)
    assert project.draft == recipe("deepscore").spec


def test_runs_are_numbered_and_the_newest_comes_first(project):
    first, second = project.new_run(), project.new_run()
    assert [run.name for run in project.runs()] == ["Run 2", "Run 1"]
    assert project.run(first.directory.name) == first
    assert second.directory.parent == project.root / "runs"


def test_a_result_is_stored_whole_under_its_key(project):
    key = project.key("features", 1)
    assert project.stored("features", key) is None
    with pytest.raises(ZeroDivisionError):
        project.store("features", key, lambda folder: 1 / 0)
    assert project.stored("features", key) is None
    stored = project.store("features", key, lambda folder: (folder / "genes.txt").write_text("A\n"))
    assert project.stored("features", key) == stored
    assert project.key("features", 2) != key


def test_notes_are_kept(project):
    assert project.note("unit.3") is None
    project.note("unit.3", "Cytotoxic programme")
    assert Project.open(project.root).note("unit.3") == "Cytotoxic programme"


def test_steps_say_what_is_missing_then_current_then_stale_and_why(project):
    assert {step.state for step in steps(project)} == {"missing"}
    project.change("data.reference", SourceSpec(path="cells.h5ad", label_column="cell_type"))
    run = project.new_run()
    run.write_status(Status(state="finished"))
    write_json(run.summary_path, {"task": "annotate"})
    labels = next(step for step in steps(project) if step.title == "Labels")
    assert (labels.state, labels.detail) == ("current", "Run 1")
    project.change("training.epochs", 7)
    labels = next(step for step in steps(project) if step.title == "Labels")
    assert labels.state == "stale"
    assert labels.because == "training.epochs changed from 30 to 7"


def test_settings_of_another_recipe_do_not_make_a_result_stale_but_other_data_do():
    spec = recipe("deepscore").spec
    other = recipe("pathway_autoencoder").spec
    assert staleness(spec, other) == ""
    moved = other.model_copy(update={"data": other.data.model_copy(update={"reference": SourceSpec(path="b.h5ad")})})
    assert staleness(spec, moved).startswith("data.reference changed")


def test_a_run_made_from_a_model_file_does_not_depend_on_the_reference_of_the_draft():
    draft = recipe("deepscore").spec
    query, reference = SourceSpec(path="q.h5ad"), SourceSpec(path="r.h5ad", label_column="cell_type")
    draft = draft.model_copy(update={"data": draft.data.model_copy(update={"query": query, "reference": reference})})
    of_model = draft.model_copy(update={"data": draft.data.model_copy(update={"reference": None})})
    assert staleness(of_model, draft) == ""
    other = draft.model_copy(update={"data": draft.data.model_copy(update={"query": SourceSpec(path="other.h5ad")})})
    assert staleness(of_model, other).startswith("data.query")
