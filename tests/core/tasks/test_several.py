from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data.join import read_types
from core.errors import DataError
from core.project import Project
from core.recipes import recipe
from core.specs import RunSpec, replaced
from core.specs.several import files
from core.steps import features_key, staleness
from core.tasks import admit, check, common_types, feature_search, readiness, several

GENES = [f"GENE{n}" for n in range(60)]


def cells(path: Path, genes: list[str], *types: str) -> Path:
    counts = np.random.default_rng(1).poisson(3.0, (60, len(genes))).astype(np.float32)
    obs = pd.DataFrame({"cell_type": [types[n % len(types)] for n in range(60)]}, index=[f"cell{n}" for n in range(60)])
    anndata.AnnData(counts, obs=obs, var=pd.DataFrame(index=genes)).write_h5ad(path)
    return path


def samples(path: Path, genes: list[str], names: list[str]) -> Path:
    counts = np.random.default_rng(2).poisson(300.0, (len(genes), len(names)))
    pd.DataFrame(counts, index=pd.Index(genes), columns=pd.Index(names)).to_csv(path)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two references with labels of like meaning, and two cohorts."""
    made = Project.create("Test", recipe("mixer").spec, tmp_path / "project")
    first = cells(tmp_path / "first.h5ad", GENES, "B cells", "T cells")
    second = cells(tmp_path / "second.h5ad", GENES[5:], "B cell", "NK")
    for at, path in enumerate((first, second)):
        admit.admit(str(made.root), "reference", {"path": str(path)}, new=True, at=at)
    for at, (name, own) in enumerate((("early", ["s1", "s2"]), ("late", ["s3"]))):
        path = samples(tmp_path / f"{name}.csv", GENES[: 50 - at], own)
        admit.admit(str(made.root), "bulk", {"path": str(path)}, at=at)
    return made


def keys(project: Project) -> dict[str, str]:
    found = check.stored(project, project.draft.data)
    assert found is not None
    return {one.key: one.kind for one in found.report.findings}


def test_further_files_lie_beside_the_first_with_their_label_column(project: Project):
    data = project.draft.data
    assert [source.called for source in files(data, "reference")] == ["first", "second"]
    assert [source.label_column for source in files(data, "reference")] == ["cell_type"] * 2
    assert [source.called for source in files(data, "bulk")] == ["early", "late"]


def test_a_file_of_a_taken_name_gets_another_and_renaming_to_a_taken_one_is_refused(project: Project, tmp_path: Path):
    (tmp_path / "other").mkdir()
    path = samples(tmp_path / "other" / "early.csv", GENES, ["s4", "s5"])
    admit.admit(str(project.root), "bulk", {"path": str(path)}, at=2)
    assert files(project.draft.data, "bulk")[2].called == "early 2"
    with pytest.raises(DataError, match=r"one name.*late"):
        several.rename(project, "bulk", 2, "late")
    several.rename(project, "bulk", 2, " third ")
    assert files(project.draft.data, "bulk")[2].called == "third"
    assert check.stored(project, project.draft.data) is not None, "a name needs no reading"


def test_the_next_file_moves_up_when_the_first_is_removed(project: Project):
    several.remove(project, "reference")
    data = project.draft.data
    assert data.reference is not None and data.reference.called == "second" and not data.more_references
    several.remove(project, "bulk", 1)
    assert [source.called for source in files(project.draft.data, "bulk")] == ["early"]


def test_a_file_cannot_be_put_where_there_is_none_before_it(project: Project, tmp_path: Path):
    with pytest.raises(DataError, match="no file number 4"):
        admit.admit(str(project.root), "bulk", {"path": str(tmp_path / "early.csv")}, at=3)


def test_every_pair_of_bulk_and_reference_is_checked_and_types_are_counted(project: Project):
    found = check.stored(project, project.draft.data)
    assert found is not None
    said = " ".join(one.what for one in found.report.findings)
    assert "late and first" in said and "early and second" in said and "late and second" in said
    assert keys(project)["types_alike"] == "choose" and keys(project)["types_alone"] == "note"
    assert "Each of 2 references is learned from by itself" in said


def test_names_that_differ_in_case_signs_or_plural_are_proposed_as_one():
    made = common_types.proposed({"a": ["B cells", "CD4+ T"], "b": ["b-cell", "CD4 T", "Tregs"]}, ["Treg"])
    assert made == {
        ("a", "B cells"): "B cells",
        ("a", "CD4+ T"): "CD4+ T",
        ("b", "b-cell"): "B cells",
        ("b", "CD4 T"): "CD4 T",
        ("b", "Tregs"): "Treg",
    }


def test_the_common_names_become_a_csv_that_a_run_reads(project: Project):
    rows = common_types.table(project)
    assert rows["cell_type"].tolist() == ["B cells", "T cells", "B cells", "NK"] and rows["cells"].sum() == 120
    rows.loc[rows["label"] == "NK", "cell_type"] = " "
    common_types.keep(project, rows)
    path = project.draft.data.types
    assert path is not None and Path(path).is_relative_to(project.root)
    assert read_types(Path(path)).to_dict("list") == {
        "reference": ["first", "first", "second"],
        "label": ["B cells", "T cells", "B cell"],
        "cell_type": ["B cells", "T cells", "B cells"],
    }
    check.run(str(project.root))
    assert keys(project)["types_left_out"] == "note" and "types_alike" not in keys(project)
    assert common_types.table(project)["cell_type"].tolist() == ["B cells", "T cells", "B cells", ""]
    assert common_types.types_of(project) == {"B cells": 60, "T cells": 30}


def test_a_reference_without_a_name_or_one_name_for_all_is_refused(project: Project):
    rows = common_types.table(project)
    with pytest.raises(DataError, match=r"No label.*second"):
        common_types.keep(project, rows.assign(cell_type=["B", "T", "", ""]))
    with pytest.raises(DataError, match="one common name"):
        common_types.keep(project, rows.assign(cell_type="cell"))
    assert project.draft.data.types is None


def test_the_table_follows_names_and_files_of_the_references(project: Project, tmp_path: Path):
    common_types.keep(project, common_types.table(project))
    several.rename(project, "reference", 1, "study 2")
    rows = read_types(Path(str(project.draft.data.types)))
    assert set(rows["reference"]) == {"first", "study 2"}
    third = cells(tmp_path / "third.h5ad", GENES, "NKs", "Mono")
    admit.admit(str(project.root), "reference", {"path": str(third)}, new=True, at=2)
    rows = read_types(Path(str(project.draft.data.types))).set_index(["reference", "label"])["cell_type"]
    assert rows["third", "NKs"] == "NK" and rows["third", "Mono"] == "Mono"
    several.remove(project, "reference", 2)
    several.remove(project, "reference", 0)
    assert project.draft.data.types is None


def test_the_gene_search_uses_what_the_run_uses_and_says_so(project: Project):
    summary = feature_search.search(str(project.root))
    assert "first of 2 references" in summary["several"]
    project.change("analysis.each_reference", False)
    before = features_key(project, project.draft)
    summary = feature_search.search(str(project.root))
    assert "joined on the genes that all have" in summary["several"]
    folder = project.stored("features", before)
    assert folder is not None
    assert set(feature_search.load(folder).space.genes) <= set(GENES[5:49])


@pytest.mark.parametrize("path", ["data.more_references.0.name", "data.more_bulk.0.unit", "data.types"])
def test_further_files_and_common_types_make_results_stale(project: Project, path: str):
    draft = project.draft
    other = replaced(draft, path, "cpm")
    assert features_key(project, other) != features_key(project, draft)
    assert path in staleness(draft, other)
    assert check.stored(project, other.data) is None


def test_projects_with_one_file_of_each_role_keep_their_keys(project: Project):
    one = project.draft.model_copy(update={"data": project.draft.data.without("more_references", "more_bulk")})
    with_types = replaced(one, "data.types", "types.csv")
    assert features_key(project, one) == features_key(project, with_types)


def test_a_further_reference_without_labels_stands_against_training(project: Project):
    draft: RunSpec = replaced(project.draft, "data.more_references.0.label_column", None)
    found = readiness.obstacles(draft, readiness.sizes(project, draft))
    assert any("reference second has no cell types" in one.what for one in found)
    assert readiness.sizes(project, project.draft).classes == 3


def test_measured_proportions_of_one_cohort_alone_are_enough(project: Project, tmp_path: Path):
    table = tmp_path / "truth.csv"
    table.write_text("sample,B cells,T cells\ns1,0.5,0.5\ns2,0.2,0.8\n")
    assert admit.admit_truth(str(project.root), str(table)) == 2
    found = check.stored(project, project.draft.data)
    assert found is not None and found.truth == {"file": "truth.csv", "types": 2}
    table.write_text("sample,B cells,T cells\ns1,0.5,0.5\n")
    with pytest.raises(DataError, match="lack samples"):
        admit.admit_truth(str(project.root), str(table))
