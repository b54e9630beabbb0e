from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data.demo import LABEL_COLUMN
from core.errors import DataError
from core.project import Project
from core.recipes import recipe
from core.tasks import admit, check, stored_sets
from tests.conftest import real


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create("Test", recipe("deepscore").spec, tmp_path / "project")


def write(path: Path, genes: list[str], **obs: list) -> Path:
    """Twenty cells with counts of the genes given."""
    counts = np.random.default_rng(1).poisson(3.0, (20, len(genes))).astype(np.float32)
    frame = pd.DataFrame(obs, index=[f"cell{n}" for n in range(20)])
    anndata.AnnData(counts, obs=frame, var=pd.DataFrame(index=genes)).write_h5ad(path)
    return path


SYMBOLS = [f"GENE{n}" for n in range(30)]
TYPES = ["B", "T"] * 10


def test_the_demo_fills_every_part_of_the_data(project: Project):
    data = admit.admit_demo(str(project.root))
    draft = project.draft.data
    assert draft.reference is not None and draft.reference.label_column == LABEL_COLUMN
    assert draft.query and draft.bulk and draft.gene_sets and draft.truth
    assert data == draft.model_dump(mode="json")
    found = check.stored(project, draft)
    assert found is not None and found.gene_sets is not None and found.truth is not None
    assert found.truth["types"] == 10 and found.gene_sets["usable"] <= found.gene_sets["sets"]


def test_the_only_column_that_looks_like_labels_is_taken_and_said(project: Project, tmp_path: Path):
    path = write(tmp_path / "a.h5ad", SYMBOLS, cell_type=TYPES, score=list(range(20)))
    summary = admit.admit(str(project.root), "reference", {"path": str(path)}, new=True)
    assert summary["label_column"] == "cell_type" and summary["label_counts"] == {"B": 10, "T": 10}
    assert "label_chosen" in [found["key"] for found in summary["findings"]]


def test_two_such_columns_or_a_second_reading_leave_the_choice_open(project: Project, tmp_path: Path):
    two = write(tmp_path / "two.h5ad", SYMBOLS, cell_type=TYPES, cluster=TYPES)
    one = write(tmp_path / "one.h5ad", SYMBOLS, cell_type=TYPES)
    assert admit.admit(str(project.root), "reference", {"path": str(two)}, new=True)["label_column"] is None
    assert admit.admit(str(project.root), "reference", {"path": str(one)})["label_column"] is None


@pytest.mark.parametrize("path", ["", "/nowhere/a.h5ad", __file__])
def test_a_file_that_is_refused_changes_nothing(project: Project, path: str):
    before = project.path.read_text()
    with pytest.raises(DataError) as raised:
        admit.admit(str(project.root), "reference", {"path": path}, new=True)
    assert raised.value.what and raised.value.remedy
    assert project.path.read_text() == before


def test_sets_without_a_shared_gene_are_a_choice_to_make_not_an_error(project: Project, tmp_path: Path):
    reference = write(tmp_path / "a.h5ad", SYMBOLS, cell_type=TYPES)
    query = write(tmp_path / "b.h5ad", [f"ENSG{n:011d}" for n in range(30)])
    admit.admit(str(project.root), "reference", {"path": str(reference)}, new=True)
    admit.admit(str(project.root), "query", {"path": str(query)})
    found = check.stored(project, project.draft.data)
    assert found is not None
    finding = found.report.find("no_shared")
    assert finding is not None and finding.kind == "choose" and "share no gene" in finding.what


def test_measured_proportions_need_bulk_samples(project: Project, tmp_path: Path):
    table = tmp_path / "truth.csv"
    table.write_text("sample,B\ns1,0.5\n")
    with pytest.raises(DataError, match="there are none"):
        admit.admit_truth(str(project.root), str(table))


def test_a_file_that_changed_is_not_read_as_the_old_one(project: Project, tmp_path: Path):
    path = write(tmp_path / "a.h5ad", SYMBOLS, cell_type=TYPES)
    admit.admit(str(project.root), "reference", {"path": str(path)}, new=True)
    write(path, SYMBOLS[:20], cell_type=TYPES)
    project.change("data.reference.batch_column", "cell_type")  # other settings, so that nothing is stored for them
    with pytest.raises(DataError, match="changed since"):
        check.run(str(project.root))


def test_the_stored_metrics_are_those_of_the_file(project: Project):
    path = real("pbmc3k.h5ad")
    admit.admit(str(project.root), "reference", {"path": str(path), "label_column": "cell_type"})
    source = project.draft.data.reference
    assert source is not None
    folder = stored_sets.stored(project, "reference", source)
    assert folder is not None
    cells = stored_sets.cells(folder)
    assert len(cells) == 2638 and cells["label"].nunique() == 8
    assert stored_sets.stand_in(folder, source).n_genes == len(stored_sets.genes(folder)) == 13714
