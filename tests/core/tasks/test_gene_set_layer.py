from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError, SpecError
from core.interpretation.gene_sets import GeneSets
from core.project import Project
from core.recipes import recipe
from core.specs import RunSpec, SourceSpec, replaced
from core.steps import features_key
from core.tasks.gene_set_layer import layer_size, learned_of, with_gene_sets
from core.tasks.readiness import obstacles, require_ready, sizes

SETS = GeneSets({"FIRST": ("a", "b", "x"), "SMALL": ("c",), "SECOND": ("c", "b")})
GENES = ("a", "b", "c", "d")


def asking(fewest: int = 2, path: str = "network.gene_sets") -> RunSpec:
    spec = recipe("pathway_autoencoder").spec
    spec = spec.model_copy(update={"data": spec.data.model_copy(update={"gene_sets": "sets.gmt"})})
    return replaced(spec, path, {"min_genes": fewest})


def test_units_are_the_sets_with_enough_genes_in_the_order_of_the_file():
    spec, layer = with_gene_sets(asking(), SETS, GENES)
    assert layer is not None and layer.names == ("FIRST", "SECOND")
    np.testing.assert_array_equal(layer.mask, [[True, True, False, False], [False, True, True, False]])
    assert [each.units for each in spec.network.hidden] == [2, 64]
    assert layer.table().to_dict("list") == {"unit": [1, 2], "gene_set": ["FIRST", "SECOND"], "genes": [2, 2]}


def test_the_names_are_written_where_the_run_is(tmp_path: Path):
    _, layer = with_gene_sets(asking(), SETS, GENES, tmp_path)
    assert layer is not None and learned_of(layer) == {"gene_set_layer": ["FIRST", "SECOND"]} and learned_of(None) == {}
    assert (tmp_path / "gene_set_layer.csv").read_text().splitlines() == [
        "unit,gene_set,genes",
        "1,FIRST,2",
        "2,SECOND,2",
    ]


def test_without_layers_before_it_the_code_has_the_sets_as_units():
    spec = replaced(replaced(asking(1), "objective.orthogonality", 0), "network.encoder", [])
    spec, _ = with_gene_sets(spec, SETS, GENES)
    assert spec.network.code_units == 3


def test_a_run_that_asks_for_no_such_layer_is_left_alone():
    spec = recipe("deepscore").spec
    assert with_gene_sets(spec, SETS, GENES) == (spec, None)


def test_no_file_and_no_set_with_enough_genes_are_said():
    without = replaced(asking(), "data.gene_sets", None)
    with pytest.raises(SpecError, match="there are none") as caught:
        with_gene_sets(without, None, GENES)
    assert "Data page" in caught.value.remedy
    with pytest.raises(DataError, match="No gene set has 3 genes"):
        with_gene_sets(asking(3), SETS, GENES)


def test_more_sets_than_a_layer_has_units_are_refused(monkeypatch):
    monkeypatch.setattr("core.tasks.gene_set_layer.MOST_UNITS", 1)
    with pytest.raises(SpecError, match="more than 1 units"):
        with_gene_sets(asking(), SETS, GENES)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A draft that asks for the layer, with its genes searched."""
    path = tmp_path / "sets.gmt"
    path.write_text("FIRST\t\ta\tb\tx\nSMALL\t\tc\nSECOND\t\tc\tb\n")
    project = Project.create("Mine", asking())
    project.change("data.gene_sets", str(path))
    project.change("data.reference", SourceSpec(path="cells.h5ad"))
    key = features_key(project, project.draft)
    project.store("features", key, lambda folder: (folder / "genes.txt").write_text("a\nb\nc\nd\n"))
    return project


def test_the_size_is_known_before_a_run_once_the_genes_are(project: Project):
    assert layer_size(project, project.draft) == (2, 4) == layer_size(project, project.draft)
    known = sizes(project, project.draft)
    assert known.sets == 2 and known.network(project.draft).hidden[0].units == 2
    dense = sizes(project, replaced(project.draft, "network.gene_sets", None)).weights(project.draft)
    assert known.weights(project.draft) < dense
    project.change("features.target", 10)
    assert layer_size(project, project.draft) is None
    assert any("first layer" in words for words in sizes(project, project.draft).assumed)


def test_an_edited_file_is_read_again(project: Project):
    assert layer_size(project, project.draft) == (2, 4)
    Path(str(project.draft.data.gene_sets)).write_text("FIRST\t\ta\tb\tc\td\n")
    assert layer_size(project, project.draft) == (1, 4)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("data.gene_sets", None, "there are none"),
        ("network.gene_sets.min_genes", 4, "No gene set has 4 of the 4 genes"),
        ("objective.orthogonality", 0.5, "cannot be kept orthogonal behind 2 gene sets"),
    ],
)
def test_what_stands_against_the_layer_is_said_before_a_run(project: Project, path, value, says):
    if path != "objective.orthogonality":
        project.change("objective.orthogonality", 0.0)
    project.change(path, value)
    found = [one for one in obstacles(project.draft, sizes(project, project.draft)) if says in one.what]
    assert len(found) == 1 and found[0].refuses and found[0].remedy
    with pytest.raises(SpecError):
        require_ready(project, project.draft)
