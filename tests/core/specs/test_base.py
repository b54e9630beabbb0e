import pytest

from core.errors import SpecError
from core.specs import LayerSpec, NetworkSpec, RunSpec, at, content_key, parse, replaced

PLAIN = RunSpec.model_validate({"objective": {"reconstruction": {}}})


def test_replaced_changes_one_setting_deep_inside_and_nothing_else():
    changed = replaced(PLAIN, "network.encoder.0.dropout", 0.25)
    assert at(changed, "network.encoder.0.dropout") == 0.25
    assert at(PLAIN, "network.encoder.0.dropout") == 0.0
    assert changed.model_copy(update={"network": PLAIN.network}) == PLAIN


def test_a_number_written_as_text_is_read():
    assert replaced(PLAIN, "training.learning_rate", "1e-3").training.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "network.encoder.0.dropout",
            1.5,
            "network.encoder.0.dropout is out of range. Got 1.5. Use a value from 0 to 0.95.",
        ),
        ("training.learning_rate", 0, "training.learning_rate is out of range. Got 0. Use a value from 0 to 10"),
        ("training.optimiser", "magic", "training.optimiser is not one of the choices. Got magic. Use one of"),
        ("network.widht", 3, "There is no setting network.widht. Got 3. Use one of: code, decoder"),
        ("network.encoder.7.units", 3, "There is no setting network.encoder.7.units"),
        ("seed.deep", 3, "There is no setting seed.deep"),
    ],
)
def test_a_mistake_is_said_in_three_parts(path, value, message):
    with pytest.raises(SpecError) as caught:
        replaced(PLAIN, path, value)
    assert str(caught.value).startswith(message)


def test_parse_refuses_a_missing_setting():
    with pytest.raises(SpecError, match="objective is missing"):
        parse(RunSpec, {})


def test_an_optional_part_can_be_switched_on_by_one_of_its_settings():
    assert replaced(PLAIN, "objective.classes.weight", 0.5).objective.classes.weight == 0.5


def test_the_content_key_follows_values_not_objects():
    assert content_key("a", LayerSpec(units=3)) == content_key("a", LayerSpec(units=3))
    assert content_key("a", LayerSpec(units=3)) != content_key("a", LayerSpec(units=4))
    assert content_key("a", LayerSpec(units=3)) != content_key("b", LayerSpec(units=3))


def test_a_spec_survives_json():
    assert parse(RunSpec, PLAIN.model_dump(mode="json")) == PLAIN


def test_the_mirror_is_the_encoder_backwards():
    network = NetworkSpec(encoder=(LayerSpec(units=8, init="pca"), LayerSpec(units=4)), code=LayerSpec(units=2))
    assert [layer.units for layer in network.decoder_layers] == [4, 8]
    assert network.decoder_layers[1].init == "xavier"


def test_every_setting_has_a_title_and_a_help_text():
    def missing(model):
        for name, field in model.model_fields.items():
            kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
            for kind in kinds:
                if isinstance(kind, type) and hasattr(kind, "model_fields"):
                    yield from missing(kind)
            nested = any(hasattr(kind, "model_fields") for kind in kinds)
            if name != "task" and not nested and not (field.title and field.description):
                yield f"{model.__name__}.{name}"

    assert list(missing(RunSpec)) == []
