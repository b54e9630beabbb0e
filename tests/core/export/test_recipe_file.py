from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import SpecError
from core.export.recipe_file import differences, from_yaml, one_line, read_recipe, to_yaml, write_recipe
from core.recipes import RECIPES
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, RunSpec, replaced

SPEC = RunSpec(recipe="x", objective=ObjectiveSpec(reconstruction=ReconstructionSpec()))
ALL = [recipe.spec for recipe in (RECIPES.values() if isinstance(RECIPES, dict) else RECIPES)]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.recipe)
def test_every_recipe_comes_back_the_same(spec, full):
    assert from_yaml(to_yaml(spec, full=full)) == spec


def test_the_file_opens_with_a_comment_and_a_layer_stands_on_one_line():
    spec = SPEC.model_copy(update={"network": NetworkSpec(encoder=(LayerSpec(units=7),), code=LayerSpec(units=7))})
    lines = to_yaml(spec).splitlines()
    assert lines[0].startswith("# A CellDesk recipe")
    assert sum("units: 7, activation: relu" in line for line in lines) == 2


def test_the_short_form_says_only_what_differs():
    text = to_yaml(replaced(SPEC, "features.target", 640), full=False)
    assert yaml.safe_load(text) == {
        "recipe": "x",
        "features": {"target": 640},
        "objective": {"reconstruction": {}},
        "analysis": {"task": "represent"},
    }


def test_a_hand_written_file_takes_defaults_and_plain_scientific_numbers():
    spec = from_yaml("objective: {reconstruction: {loss: mae}}\ntraining: {learning_rate: 1e-4}\n")
    assert spec.training.learning_rate == 1e-4
    assert spec.features == SPEC.features


@pytest.mark.parametrize("name", ["recipe.yaml", "recipe.json"])
def test_both_kinds_of_file_are_written_and_read(tmp_path, name):
    assert read_recipe(write_recipe(SPEC, tmp_path / "new" / name)) == SPEC
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("objective: [", "Mend line"),
        ('{"objective": ', "Mend line 1"),
        ("- a\n- b\n", "holds no settings"),
        ("objective: {reconstruction: {}}\nfeatures: {targt: 5}\n", "features.targt"),
        ("objective: {reconstruction: {}}\nfeatures: {target: 5}\n", "from 10 to 50000"),
        ("!!python/object/apply:os.system ['true']\n", "cannot be read"),
    ],
)
def test_mistakes_are_named_in_three_parts(text, says):
    with pytest.raises(SpecError) as error:
        from_yaml(text, "mine.yaml")
    assert says in str(error.value)
    assert error.value.remedy


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path):
    with pytest.raises(SpecError, match="not there"):
        read_recipe(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SpecError, match="not text"):
        read_recipe(tmp_path / "binary.yaml")


def test_differences_go_as_deep_as_both_agree():
    other = replaced(SPEC, "training.epochs", 7)
    assert differences(other, SPEC) == {"training.epochs": 7}
    longer = replaced(SPEC, "network.encoder", [{"units": 5}, {"units": 4}])
    assert list(differences(longer, SPEC)) == ["network.encoder"]
    assert differences(replaced(SPEC, "network.encoder.0.dropout", 0.5), SPEC) == {"network.encoder.0.dropout": 0.5}


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")))
@example("\n")
@example("a\u2028b")
def test_a_value_on_one_line_reads_back(value):
    line = one_line({"value": value})
    assert "\n" not in line
    assert yaml.safe_load(line) == {"value": value}


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("!!python/object/apply:os.system ['touch owned']\n", "could not determine a constructor"),
        ("recipe: !!python/object:core.specs.RunSpec {}\n", "could not determine a constructor"),
        ("recipe: !!python/name:os.system\n", "could not determine a constructor"),
        ("recipe: !!python/module:os\n", "could not determine a constructor"),
        (LAUGHS, "alias"),
        ("recipe: &again [*again]\n", "alias"),
        ("base: &base {target: 5}\nfeatures:\n  <<: *base\n", "alias"),
        ("recipe: " + "[" * 100_000, "nested far too deep"),
        ('{"recipe": ' + "[" * 100_000, "nested far too deep"),
        ("recipe: " + "x" * 1_000_001, "far too large"),
        ("training: {epochs: 2001-99-99}\nobjective: {reconstruction: {}}\n", "cannot be read"),
        ("seed: 1" + "0" * 5000 + "\nobjective: {reconstruction: {}}\n", ""),
    ],
    ids=range(12),
)
def test_a_hostile_file_is_refused_in_three_parts_before_anything_runs(text, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as error:
        from_yaml(text, "theirs.yaml")
    assert says in str(error.value) and error.value.remedy
    assert len(str(error.value)) < 12_000 and not list(tmp_path.glob("owned"))


def test_a_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(SpecError, match="far too large"):
        read_recipe(path)


def test_new_parts_of_a_network_come_back_from_both_kinds_of_file(tmp_path):
    spec = replaced(
        RECIPES["pathway_autoencoder"].spec, "objective.reconstruction.loss", "zero_inflated_negative_binomial"
    )
    for path, value in (
        ("objective.variational", {"weight": 0.5, "warm_up": 3}),
        ("network.library_size", True),
        ("network.gene_sets", {"min_genes": 3}),
    ):
        spec = replaced(spec, path, value)
    assert from_yaml(to_yaml(spec)) == spec == from_yaml(to_yaml(spec, full=False))
    assert read_recipe(write_recipe(spec, tmp_path / "r.json")) == spec
