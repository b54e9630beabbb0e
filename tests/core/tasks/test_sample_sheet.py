"""The sample sheet of a project: brought, checked, joined to a run, and read anew without another run."""

from __future__ import annotations

from pathlib import Path

import anndata
import pandas as pd
import pytest

from core.cli import main
from core.data.demo import LABEL_COLUMN, write_demo
from core.errors import DataError
from core.project import Project
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.specs import replaced
from core.steps import staleness
from core.tasks import admit, check
from core.tasks.sample_sheet import sample_columns


@pytest.fixture
def project(tmp_path: Path) -> Project:
    paths = write_demo(tmp_path / "demo")
    made = Project.create("Demo", recipe("digital_sorter").spec, tmp_path / "project")
    admit.admit(str(made.root), "bulk", {"path": str(paths["bulk"])})
    return made


def sheet(folder: Path, names: list[str], **columns: list) -> Path:
    path = folder / "sheet.csv"
    pd.DataFrame({"sample": names, **columns}).to_csv(path, index=False)
    return path


def test_a_sheet_needs_bulk_samples(tmp_path: Path):
    empty = Project.create("Empty", recipe("digital_sorter").spec, tmp_path / "empty")
    with pytest.raises(DataError, match=r"there are none. Got sheet.csv. Add bulk first"):
        admit.admit_samples(str(empty.root), str(sheet(tmp_path, ["a"], group=["x"])))


def test_a_sheet_is_checked_against_the_bulk_samples(project: Project, tmp_path: Path):
    path = sheet(tmp_path, [f"sample_{n}" for n in (1, 2, 3)], group=["x", "y", "x"], age=[3, 4, 5])
    assert admit.admit_samples(str(project.root), str(path)) == 2
    assert project.draft.data.samples == str(path)
    found = check.stored(project, project.draft.data)
    assert found is not None and found.samples == {"file": "sheet.csv", "columns": 2}
    (finding,) = [one for one in found.report.findings if one.key == "samples"]
    assert finding.kind == "note" and "3 of 6 samples have no row" in finding.what and "sample_4" in finding.what
    # edited by hand since: the check is made anew
    sheet(tmp_path, ["other"], group=["x"])
    assert check.stored(project, project.draft.data) is None
    check.run(str(project.root))
    found = check.stored(project, project.draft.data)
    assert found is not None and found.report.find("samples").kind == "choose"


def test_a_sheet_of_other_samples_changes_nothing(project: Project, tmp_path: Path):
    with pytest.raises(DataError, match="names none of the bulk samples"):
        admit.admit_samples(str(project.root), str(sheet(tmp_path, ["a", "b"], group=["x", "y"])))
    assert project.draft.data.samples is None


def test_another_sheet_does_not_make_a_run_stale(project: Project):
    before = project.draft
    assert staleness(before, replaced(before, "data.samples", "/other.csv")) == ""
    assert "data.truth" in staleness(before, replaced(before, "data.truth", "/other.csv"))


def test_columns_are_those_of_the_run_and_before_them_those_of_the_sheet(tmp_path: Path):
    folder = tmp_path / "run"
    folder.mkdir()
    names = pd.Index(["s1", "s2"], name="sample")
    pd.DataFrame({"B": [0.5, 0.4], "T": [0.5, 0.6]}, index=names).to_csv(folder / "composition.csv")
    obs = pd.DataFrame({"group": ["old", "old"], "site": ["x", "y"], "celldesk_cohort": ["c", "d"]}, index=names)
    anndata.AnnData(obs=obs.assign(celldesk_label="B")).write_h5ad(folder / "results.h5ad")
    results = Results(Run(folder))
    own, lacking = sample_columns(results, None)
    assert list(own) == ["group", "site", "cohort"] and lacking == []
    path = sheet(tmp_path, ["s2"], group=["new"], age=[7])
    found, lacking = sample_columns(results, str(path))
    assert list(found) == ["group", "age", "site", "cohort"] and lacking == ["s1"]
    assert found.loc["s2", "group"] == "new" and pd.isna(found.loc["s1", "group"])


@pytest.mark.slow
def test_a_run_has_the_columns_and_tells_who_lacks_a_row(tmp_path: Path):
    paths = write_demo(tmp_path / "demo")
    path = sheet(tmp_path, [f"sample_{n}" for n in range(1, 6)], group=list("xyxyx"), age=[1, 2, 3, 4, 5])
    out = tmp_path / "out"
    command = ["deconvolve", "--recipe", "digital_sorter", "--reference", str(paths["reference"]), "--labels"]
    command += [LABEL_COLUMN, "--bulk", str(paths["bulk"]), "--samples", str(path), "--out", str(out)]
    for setting in ("analysis.mixtures=100", "training.epochs=1"):
        command += ["--set", setting]
    assert main(command) == 0
    run = Run(out)
    obs = Results(run).obs
    assert obs["group"].astype(object).tolist()[:5] == list("xyxyx") and obs["group"].isna().iloc[5]
    assert any("1 of 6 samples has no row in the sample sheet: sample_6" in note for note in run.status.notes)
    assert run.spec.data.samples == str(path)
