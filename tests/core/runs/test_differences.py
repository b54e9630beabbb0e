from __future__ import annotations

from core.recipes import recipe
from core.runs.differences import differences, said, setting_title, what_differs
from core.specs import LayerSpec, replaced

BASE = recipe("pathway_autoencoder").spec


def test_equal_settings_differ_in_nothing():
    assert what_differs([BASE, BASE.model_copy(update={"name": "Run 2"})]) == ["", ""]


def test_only_what_differs_is_said():
    other = replaced(replaced(BASE, "network.code.units", 32), "training.batch_size", 1)
    assert what_differs([BASE, other]) == ["code units 64, batch size 128", "code units 32, batch size 1"]


def test_runs_of_other_recipes_are_not_compared_setting_by_setting():
    assert what_differs([BASE, recipe("deepscore").spec]) == ["", ""]


def test_runs_that_used_a_model_are_compared_with_each_other_alone():
    trained = recipe("deepscore").spec
    used = [replaced(trained, "data.model.path", path) for path in ("/models/a.safetensors", "/models/b.safetensors")]
    assert what_differs([trained, used[0]]) == ["", "trained model"]
    assert what_differs([trained, *used]) == [
        "",
        "trained model, model file a.safetensors",
        "trained model, model file b.safetensors",
    ]


def test_another_number_of_layers_is_said_as_widths():
    layers = (LayerSpec(units=128), LayerSpec(units=99))
    other = replaced(BASE, "network.encoder", layers)
    assert what_differs([BASE, other]) == ["encoder 128", "encoder 128-99"]


def test_a_head_switched_on_is_said_once():
    with_head = replaced(BASE, "objective.classes.weight", 0.5)
    assert differences([BASE, with_head]) == [{"objective.classes": False}, {"objective.classes": True}]
    assert what_differs([BASE, with_head]) == ["tell cell types apart off", "tell cell types apart on"]


def test_settings_are_named_as_on_the_pages():
    assert setting_title("network.encoder.1.dropout") == "layer 2 dropout"
    assert setting_title("network.decoder.0.units") == "decoder layer 1 units"
    assert setting_title("objective.classes.weight") == "cell types weight"
    assert setting_title("training.learning_rate") == "learning rate"
    assert setting_title("analysis.embedding.neighbours") == "neighbours"
    assert setting_title("objective.l1") == "L1"
    assert said("network.linear_path", True) == "linear path on"
    assert said("data.gene_sets", "/data/hallmark.gmt") == "gene sets hallmark.gmt"
