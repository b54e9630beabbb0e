from __future__ import annotations

import pytest
import yaml
from hypothesis import given
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
def test_a_value_on_one_line_reads_back(value):
    line = one_line({"value": value})
    assert "\n" not in line
    assert yaml.safe_load(line) == {"value": value}
