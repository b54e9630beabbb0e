from __future__ import annotations

from pathlib import Path

import pytest

from core.data.features import select
from core.data.quality import apply
from core.data.read import read
from core.errors import DataError, SpecError
from core.project import Project
from core.recipes import recipe
from core.specs import RunSpec
from core.steps import features_key, steps
from core.tasks import admit, feature_search
from tests.conftest import real


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create("Test", recipe("deepscore").spec, tmp_path / "project")
    admit.admit_demo(str(project.root))
    project.change("features.target", 100)
    return project


def stored(project: Project) -> feature_search.Search:
    folder = project.stored("features", features_key(project, project.draft))
    assert folder is not None
    assert (folder / "genes.txt").read_text().splitlines() == list(feature_search.load(folder).space.genes)
    return feature_search.load(folder)


def sources(draft: RunSpec):
    assert draft.data.reference is not None and draft.data.query is not None
    reference, query = read(draft.data.reference, "reference"), read(draft.data.query, "query")
    return apply(reference, draft.data.quality)[0], apply(query, draft.data.quality)[0]


def test_the_genes_are_those_that_a_run_of_the_draft_selects(project: Project):
    summary = feature_search.search(str(project.root))
    found = stored(project)
    reference, query = sources(project.draft)
    assert found.space.genes == select(reference, project.draft.features, query=query).genes
    assert summary == found.summary and summary["genes"] == len(found.space.genes)
    assert next(step for step in steps(project) if step.page == "features").state == "current"


def test_every_gene_of_every_set_is_counted_once(project: Project):
    feature_search.search(str(project.root))
    found = stored(project)
    reference, query = sources(project.draft)
    table = found.overlap
    assert table.loc[table["used"], "genes"].sum() == len(found.space.genes)
    in_reference = table.loc[table["Reference"], "genes"].sum()
    assert in_reference == reference.n_genes and table.loc[table["Query"], "genes"].sum() == query.n_genes


def test_other_rules_stand_beside_the_one_used_and_markers_are_chosen_genes(project: Project):
    feature_search.search(str(project.root))
    found = stored(project)
    assert set(found.traces["rule"]) == {"markers_in_variable", "common_variable", "markers_in_query"}
    assert set(found.dots["gene"]) <= set(found.space.genes)
    assert found.dots["gene"].nunique() == found.summary["markers_kept"] <= found.summary["markers"]


def test_a_rule_that_compares_needs_the_set_that_the_task_gives(project: Project):
    project.change("data.query", None)
    with pytest.raises(SpecError, match="none is given"):
        feature_search.search(str(project.root))
    project.change("data.reference", None)
    with pytest.raises(DataError, match="there is none"):
        feature_search.search(str(project.root))
    assert not (project.root / "results" / "features").exists()


def test_real_sets_give_genes_of_both(tmp_path: Path):
    project = Project.create("Real", recipe("deepscore").spec, tmp_path / "project")
    reference = {"path": str(real("pbmc3k.h5ad")), "label_column": "cell_type"}
    admit.admit(str(project.root), "reference", reference)
    admit.admit(str(project.root), "query", {"path": str(real("pbmc_3tech.h5ad"))})
    summary = feature_search.search(str(project.root))
    assert summary["genes"] == summary["in_all"] > 100
    assert summary["missing"] == {"query": 0}
