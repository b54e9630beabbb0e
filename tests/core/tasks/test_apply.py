"""A trained model as a run: on the command line, by the worker, and from a project's own copies of model files."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anndata
import pandas as pd
import pytest
from safetensors.torch import save_file

from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, write_demo
from core.errors import AppError, DataError, RunError, SpecError
from core.export.recipe_file import from_yaml, to_yaml
from core.export.script import command
from core.model import TrainedModel
from core.model_header import ModelHeader
from core.project import Project
from core.recipes import recipe
from core.runs.run import Run
from core.specs import ModelSourceSpec, RunSpec, SourceSpec, replaced, replaced_all
from core.steps import renewed, staleness, steps
from core.tasks import admit, model_files
from core.tasks.apply import use_model
from core.tasks.with_model import applied_spec
from core.tasks.worker import execute

QUICK = {"training.epochs": 2, "training.threads": 1, "analysis.embedding.epochs": 10, "analysis.calibration_folds": 2}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def trained(paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    spec = recipe("deepscore").for_task("annotate")
    sources = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column=HIDDEN_TRUTH),
    }
    spec = spec.model_copy(update={"data": spec.data.model_copy(update=sources), "name": "Run 1"})
    run = Run.create(tmp_path_factory.mktemp("trained") / "run", replaced_all(spec, QUICK))
    execute(run)
    return run


@pytest.fixture
def project(workspace: Path, trained: Run) -> Project:
    """A project that was begun for something else and holds no file yet."""
    return Project.create("New", recipe("mixer").spec, workspace / "projects" / "new")


def query(paths: Mapping[str, Path]) -> SourceSpec:
    return SourceSpec(path=str(paths["query"]))


def asked(path: Path, paths: Mapping[str, Path], **settings: Any) -> RunSpec:
    return applied_spec(ModelHeader.read(path), ModelSourceSpec(path=str(path)), {"query": query(paths)}, settings)


def with_facts(model: Path, path: Path, **changes: Any) -> Path:
    """A copy of a model file with other words in its head."""
    content = model.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    head = json.loads(content[8 : 8 + length])
    head["__metadata__"]["celldesk"] = json.dumps({**json.loads(head["__metadata__"]["celldesk"]), **changes})
    words = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(words)) + words + content[8 + length :])
    return path


def test_the_head_of_a_model_file_says_what_the_whole_file_does(trained: Run):
    header, model = ModelHeader.read(trained.model_path), TrainedModel.load(trained.model_path)
    assert (header.genes, header.classes) == (model.genes, model.classes)
    assert header.spec == model.spec and header.members == len(model.networks)
    assert header.trained is not None
    assert trained.status.started - 1 <= header.trained <= trained.status.finished


def test_the_worker_labels_as_the_command_line_does(trained: Run, paths, tmp_path: Path):
    told = use_model(trained.model_path, {"query": query(paths)}, tmp_path / "told")
    run = Run.create(tmp_path / "run", asked(trained.model_path, paths))
    execute(run)
    for each in (told, run):
        assert each.status.state == "finished" and each.status.device == "cpu"
        assert each.spec.data.reference is None and not each.epochs()
    ours, theirs, own = (pd.read_csv(one.directory / "annotation.csv") for one in (run, told, trained))
    pd.testing.assert_frame_equal(ours, theirs)
    pd.testing.assert_frame_equal(ours, own)
    assert told.spec.data.model is not None
    assert told.summary["fingerprints"]["model"] == told.spec.data.model.fingerprint
    assert TrainedModel.load(run.model_path).about == TrainedModel.load(trained.model_path).about


def test_a_run_made_from_a_model_is_repeated_by_its_recipe_file_and_by_its_command(trained: Run, paths, tmp_path: Path):
    spec = asked(trained.model_path, paths, **{"analysis.voting.over": "clusters"})
    run = Run.create(tmp_path / "run", from_yaml(to_yaml(spec)))
    execute(run)
    assert "cluster" in pd.read_csv(run.directory / "votes.csv")
    line = command(spec, recipe("deepscore").for_task("annotate"), "out")
    assert f"--model {trained.model_path}" in line and "--reference" not in line
    assert "analysis.voting={" in line and "over: clusters" in line and "analysis.embedding={" in line


def test_a_run_that_asks_for_what_the_model_was_not_trained_with_is_refused(trained: Run, paths, tmp_path: Path):
    spec = replaced(asked(trained.model_path, paths), "features.target", 77)
    run = Run.create(tmp_path / "run", spec)
    with pytest.raises(SpecError, match=r"another features\.target.*77"):
        execute(run)
    assert run.status.state == "failed" and not run.summary


def test_a_model_file_that_changed_after_it_was_chosen_is_refused(trained: Run, paths, tmp_path: Path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(trained.model_path.read_bytes())
    run = Run.create(tmp_path / "run", replaced(asked(path, paths), "data.model.fingerprint", "0123456789abcdef"))
    with pytest.raises(RunError, match="has changed since it was chosen"):
        execute(run)
    path.unlink()
    with pytest.raises(RunError, match="is not there"):
        execute(run)


def test_a_stop_before_the_labels_leaves_a_run_that_can_be_resumed(trained: Run, paths, tmp_path: Path):
    run = Run.create(tmp_path / "run", asked(trained.model_path, paths))
    run.request_stop()
    execute(run)
    assert run.status.state == "stopped" and run.can_resume and not run.summary
    run.stop_path.unlink()
    execute(run)
    assert run.status.state == "finished" and run.summary["cells"] > 0


def test_a_brought_model_is_copied_under_its_fingerprint_and_nothing_else_changes(project: Project, trained: Run):
    before = project.path.read_bytes()
    key = model_files.admit(str(project.root), str(trained.model_path))
    assert model_files.admit(str(project.root), f' "{trained.model_path}" ') == key
    (model,) = model_files.model_files(project)
    assert (model.key, model.title, model.run) == (key, "model.safetensors", None)
    assert model.path.read_bytes() == trained.model_path.read_bytes()
    assert model.source.fingerprint == key
    assert project.path.read_bytes() == before
    model_files.forget(model)
    assert not model_files.model_files(project)


def wrong_files(trained: Run, folder: Path) -> dict[str, tuple[Path, type[AppError], str]]:
    text, tensors, cut = folder / "text.safetensors", folder / "other.safetensors", folder / "cut.safetensors"
    text.write_text("these are no weights")
    save_file(TrainedModel.load(trained.model_path).networks[0].state_dict(), tensors)
    cut.write_bytes(trained.model_path.read_bytes()[:-1000])
    spec = json.loads(recipe("funnel_autoencoder").spec.model_dump_json())
    made = {name: folder / f"{name}.safetensors" for name in ("task", "newer", "members", "classes", "unknown")}
    facts = ModelHeader.read(trained.model_path)
    with_facts(trained.model_path, made["task"], spec=spec)
    with_facts(trained.model_path, made["newer"], format=99)
    with_facts(trained.model_path, made["members"], members=40)
    with_facts(trained.model_path, made["classes"], classes=list(facts.classes[:-1]))
    with_facts(trained.model_path, made["unknown"], spec={"objective": {"spell": 1}})
    return {
        "missing": (folder / "nowhere.safetensors", DataError, "no file at this path"),
        "folder": (folder, DataError, "no file at this path"),
        "text": (text, RunError, "not a CellDesk model"),
        "other weights": (tensors, RunError, "not a CellDesk model"),
        "cut off": (cut, RunError, "damaged"),
        "another task": (made["task"], SpecError, "not trained to label cells"),
        "newer": (made["newer"], RunError, "newer CellDesk"),
        "members": (made["members"], RunError, "damaged"),
        "classes": (made["classes"], RunError, "damaged"),
        "unknown setting": (made["unknown"], SpecError, "There is no setting"),
    }


def test_a_wrong_file_is_refused_in_three_parts_and_leaves_nothing_behind(project: Project, trained: Run, tmp_path):
    for name, (path, kind, said) in wrong_files(trained, tmp_path).items():
        with pytest.raises(kind, match=said) as refused:
            model_files.admit(str(project.root), str(path))
        assert refused.value.what and refused.value.value is not None and refused.value.remedy, name
    assert not model_files.model_files(project)


def test_a_projects_models_are_those_it_trained_and_not_the_copies_in_runs_that_used_one(
    project: Project, trained: Run, paths
):
    run = project.new_run(trained.spec)
    execute(run)
    used = project.new_run(asked(run.model_path, paths))
    execute(used)
    assert used.status.state == "finished" and used.model_path.exists()
    assert [model.key for model in model_files.model_files(project)] == [run.directory.name]


def test_a_run_made_from_a_model_depends_on_no_draft(project: Project, trained: Run, paths):
    spec = asked(trained.model_path, paths)
    assert staleness(spec, project.draft) == "" and renewed(spec, project.draft) == spec
    execute(project.new_run(spec))
    states = {step.title: step.state for step in steps(project)}
    assert states["Labels"] == "current" and states["Network and run"] == "missing"


def test_the_fit_of_a_query_counts_the_genes_that_it_lacks(project: Project, trained: Run, paths, tmp_path: Path):
    header = ModelHeader.read(trained.model_path)
    assert model_files.fit(project, header, query(paths)) is None
    cells = anndata.read_h5ad(paths["query"])
    lacking = list(header.genes[:3])
    cells[:, ~cells.var_names.isin(lacking)].copy().write_h5ad(tmp_path / "less.h5ad")
    before = project.draft
    source = SourceSpec(**admit.describe(str(project.root), "query", {"path": str(tmp_path / "less.h5ad")}))
    assert project.draft == before and len(source.fingerprint) == 16
    found = model_files.fit(project, header, source.model_copy(update={"fingerprint": ""}))
    assert found is None  # the fingerprint belongs to the description
    found = model_files.fit(project, header, source)
    assert found is not None and found.missing_share == len(found.missing) / len(header.genes)
    assert set(lacking) <= set(found.missing) and found.shared + len(found.missing) == found.genes == len(header.genes)
    run = project.new_run(applied_spec(header, ModelSourceSpec(path=str(trained.model_path)), {"query": source}, {}))
    execute(run)
    note = next(note for note in run.status.notes if "lacks" in note)
    assert f"lacks {len(found.missing):,} of {found.genes:,} genes" in note


def test_a_missing_model_file_is_said_before_a_run_is_made(paths, tmp_path: Path):
    with pytest.raises(RunError, match=r"is not there.*nowhere\.safetensors"):
        use_model(tmp_path / "nowhere.safetensors", {"query": query(paths)}, tmp_path / "run")
    assert not (tmp_path / "run").exists()
