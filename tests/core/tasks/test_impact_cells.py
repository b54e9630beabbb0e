"""Groups of cells by label, selection and rest, and what impact is measured on for every kind of run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.data.demo import write_demo
from core.errors import DataError
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.saved import Saved
from core.tasks import impact_step
from core.tasks.impact_cells import Cells
from core.tasks.impact_names import MIXED, REST, title
from core.tasks.impact_source import cells_of
from core.tasks.worker import execute
from tests.finished import spec

QUICK = {"training.epochs": 2, "training.threads": 1}


def cells(labels: list[str] | None, n: int = 6, **selections: list[int]) -> Cells:
    own = SimpleNamespace(
        labels=None if labels is None else np.array(labels, dtype=object),
        aligned=SimpleNamespace(values=np.zeros((n, 2))),
    )
    masks = {name: np.isin(np.arange(n), rows) for name, rows in selections.items()}
    return Cells(own, masks)  # type: ignore[arg-type]  rows alone are asked for


def test_a_label_a_selection_and_the_rest():
    found = cells(["B", "B", "T", "T", "T", "NK"], mine=[0, 5])
    draw = np.random.default_rng(0)
    assert found.rows("B").tolist() == [0, 1]
    assert found.rows("selection:mine").tolist() == [0, 5]
    assert [rows.tolist() for rows in found.pair("selection:mine", REST, None, draw)] == [[0, 5], [1, 2, 3, 4]]
    assert [rows.tolist() for rows in found.pair("B", "selection:mine", None, draw)] == [[0, 1], [0, 5]]
    first, second = found.pair("T", REST, 3, draw)
    assert len(first) == len(set(first)) == 1 and sorted(np.array(found.labels)[second]) == ["B", "NK"]
    assert title("selection:mine") == "mine" and title(REST) == "the rest" and title("B") == "B"


def test_a_label_called_rest_is_a_label():
    found = cells(["rest", "B", "B", "B", "B", "B"])
    assert [len(rows) for rows in found.pair("B", REST, None, np.random.default_rng(0))] == [5, 1]


def test_mixed_samples_are_the_whole_and_part_of_no_group():
    found = cells([MIXED, MIXED, "B", "B", "T", "T"])
    assert found.whole.tolist() == [0, 1] and found.labelled.tolist() == [2, 3, 4, 5]
    assert [rows.tolist() for rows in found.pair("B", REST, None, np.random.default_rng(0))] == [[2, 3], [4, 5]]
    assert cells(["B"] * 6).whole.tolist() == list(range(6))


@pytest.mark.parametrize(
    ("group", "says"),
    [
        ("X", "has this label. Got X. Choose one of: B"),
        ("selection:x", "no such selection"),
        ("selection:none", "is in"),
    ],
)
def test_a_group_without_cells_is_refused(group: str, says: str):
    with pytest.raises(DataError, match=says):
        cells(["B"] * 6, none=[]).rows(group)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DataError, match="no other cell"):
        cells(["B"] * 6).pair("B", REST, None, np.random.default_rng(0))
    with pytest.raises(DataError, match="have no labels"):
        cells(None).rows("B")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run 1 labels a query, run 2 takes bulk samples apart."""
    folder = tmp_path_factory.mktemp("impact")
    paths = write_demo(folder / "demo")
    drafts = []
    for name, task, settings in (
        ("deepscore", "annotate", QUICK | {"data.query": {"path": str(paths["query"])}}),
        (
            "digital_sorter",
            "deconvolve",
            QUICK | {"data.bulk": {"path": str(paths["bulk"])}, "analysis.mixtures": 200},
        ),
    ):
        drafts.append(spec(paths, name, task, settings))
    made = Project.create("Demo", drafts[0], folder / "projects" / "demo")
    for draft in drafts:
        execute(made.new_run(draft.model_copy(update={"data": draft.data.model_copy(update={"gene_sets": None})})))
    return made


@pytest.fixture(scope="module")
def own_sets(project: Project) -> Path:
    return project.root.parents[1] / "demo" / Path(str(write_demo(project.root.parents[1] / "demo")["gene_sets"])).name


def test_a_selection_of_a_labelled_query_is_asked_about_in_the_query(project: Project, own_sets: Path):
    run = project.run("run-0001")
    drawn, saved = Results(run).obs.index, Saved.of(project, run)
    saved.keep_selection("mine", pd.Index(drawn[:30]))
    found = cells_of(run, ("selection:mine", REST), saved)
    assert found.selections["mine"].sum() == 30 and len(found.labels) == len(drawn)
    assert len(cells_of(run, ("", ""), saved).labels) != 0 and not cells_of(run, ("", ""), saved).selections
    facts = impact_step.compute(str(project.root), "run-0001", str(own_sets), "selection:mine", REST)
    assert facts["first_cells"] == 30 and facts["first_cells"] + facts["second_cells"] == len(drawn)
    kept = impact_step.stored(project, run, own_sets, "selection:mine", REST)
    assert kept is not None and list(kept.control.columns) == ["mine"]  # type: ignore[union-attr]
    saved.keep_selection("mine", pd.Index(drawn[:31]))
    assert impact_step.stored(project, run, own_sets, "selection:mine", REST) is None


def test_selections_need_a_project(project: Project):
    with pytest.raises(DataError, match="belong to a project"):
        cells_of(project.run("run-0001"), ("selection:mine",), None)


def test_impact_on_classes_is_named_by_class_and_is_the_mean_of_networks(project: Project, own_sets: Path):
    run = project.run("run-0001")
    asked = impact_step.settings(run.spec).model_copy(update={"target": "classes"})
    facts = impact_step.compute(str(project.root), "run-0001", str(own_sets), settings_of=asked.model_dump())
    found = impact_step.stored(project, run, own_sets, spec=asked)
    assert found is not None and found.control is not None
    assert sorted(found.impact.columns) == sorted(found.control.columns)
    assert facts["target"] == "classes" and "unit_1" not in facts["strength"]
    assert set(found.findings["label"].dropna()) <= set(found.impact.columns)


def test_a_composition_network_is_asked_about_simulated_samples(project: Project, own_sets: Path):
    run: Run = project.run("run-0002")
    assert impact_step.refusal(run.spec) == ""
    facts = impact_step.compute(str(project.root), "run-0002", str(own_sets))
    found = impact_step.stored(project, run, own_sets)
    assert found is not None and found.control is not None
    types = sorted(found.control.columns)
    assert sorted(found.impact.columns) == types and facts["simulated"]
    assert facts["cells"] == run.spec.analysis.gradients.profiles * len(types)  # type: ignore[union-attr]
    one = impact_step.compute(str(project.root), "run-0002", str(own_sets), types[0], REST)
    assert one["second_cells"] == (len(types) - 1) * one["first_cells"]
