from __future__ import annotations

from pathlib import Path

import anndata
import pandas as pd
import pytest

from core import keys
from core.errors import ProjectError
from core.export.recipe_file import read_recipe
from core.project import Project
from core.results import Results
from core.saved import Saved
from core.tasks import export_items, export_step


def write(project: Project, run: str, names: list[str], folder: Path, **options) -> dict:
    return export_step.export(str(project.root), [(run, name) for name in names], str(folder), **options)


def test_every_file_of_a_run_is_offered_with_its_size_and_state(finished: Project):
    run = finished.run("run-0001")
    offered = {item.name: item for item in export_items.items(finished, run)}
    assert next(iter(offered)) == "results.h5ad"
    assert {"code.csv", "impact.csv", "model.safetensors", "recipe.yaml", "figures"} <= set(offered)
    assert offered["code.csv"].size == (run.directory / "code.csv").stat().st_size
    assert all(item.state == "current" for item in offered.values())
    finished.change("seed", 5)
    assert all(item.state == "stale" for item in export_items.items(finished, run))


def test_files_are_written_as_they_are_and_the_recipe_is_read_back(finished: Project, tmp_path: Path):
    done = write(finished, "run-0001", ["code.csv", "recipe.yaml", "analysis.py", "command.txt"], tmp_path / "out")
    folder, run = tmp_path / "out" / "run-0001", finished.run("run-0001")
    assert (folder / "code.csv").read_bytes() == (run.directory / "code.csv").read_bytes()
    assert read_recipe(folder / "recipe.yaml") == run.spec
    assert (folder / "command.txt").read_text().startswith("python -m core represent")
    compile((folder / "analysis.py").read_text(), "analysis.py", "exec")
    assert done["bytes"] == sum((tmp_path / "out" / name).stat().st_size for name in done["files"])


def test_saved_selections_and_labels_go_into_the_file_for_python(finished: Project, tmp_path: Path):
    run = finished.run("run-0001")
    cells = Results(run).obs.index
    saved = Saved.of(finished, run)
    saved.keep_selection("Mine", cells[:7])
    table = pd.DataFrame({"cell_type": "B", "assigned": [True] + [False] * (len(cells) - 1)}, index=cells)
    saved.keep_labels(table, 0.1)
    write(finished, "run-0001", ["results.h5ad"], tmp_path, counts=False)
    made = anndata.read_h5ad(tmp_path / "run-0001" / "results.h5ad")
    assert made.obs["Mine"].sum() == 7 and made.obs[keys.ASSIGNED].sum() == 1
    assert set(made.obs[keys.LABEL]) == {"B"} and keys.COUNTS not in made.layers
    assert keys.CODE in made.obsm


def test_an_unknown_file_is_refused(finished: Project, tmp_path: Path):
    with pytest.raises(ProjectError, match="no such file"):
        write(finished, "run-0001", ["../run.json.csv"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("run", ["run-0001", "run-0002"])
def test_everything_a_run_offers_can_be_written(finished: Project, tmp_path: Path, run: str):
    names = [item.name for item in export_items.items(finished, finished.run(run))]
    done = write(finished, run, names, tmp_path, dpi=72)
    endings = {Path(name).suffix for name in done["files"]}
    assert {".png", ".svg", ".html", ".yaml", ".py", ".csv", ".safetensors"} <= endings
    report = (tmp_path / run / "report.html").read_text()
    assert "<svg" in report and "Methods" in report
