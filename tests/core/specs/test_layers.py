from __future__ import annotations

import pytest

from core.errors import SpecError
from core.networks.shape import layer_table
from core.recipes import recipe
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, RunSpec, at
from core.specs.layers import duplicated, layer_path, removed, with_hidden, with_mirror

A, B, CODE = LayerSpec(units=9), LayerSpec(units=7), LayerSpec(units=2)
DRAFT = RunSpec(
    network=NetworkSpec(encoder=(A, B), code=CODE),
    objective=ObjectiveSpec(classes=ClassSpec(hidden=(LayerSpec(units=5),))),
)


def test_every_row_of_the_layer_table_leads_to_its_settings():
    rows = layer_table(DRAFT.network, DRAFT.objective, 20, 3)
    paths = [layer_path(DRAFT, row["layer"]) for row in rows]
    assert paths == ["network.encoder.0", "network.encoder.1", "network.code", "objective.classes.hidden.0", None]
    for row, path in zip(rows, paths, strict=True):
        assert path is None or at(DRAFT, path).units == row["units"]


def test_without_a_code_layer_the_last_encoder_layer_is_the_code():
    assert layer_path(recipe("deepscore").spec, "code") == "network.encoder.2"


def test_a_mirrored_layer_has_no_settings_until_the_decoder_is_written_out():
    draft = recipe("pathway_autoencoder").spec
    assert layer_path(draft, "decoder.0") is None
    own = draft.model_copy(update={"network": with_mirror(draft.network, False)})
    assert layer_path(own, "decoder.0") == "network.decoder.0"
    assert own.network.decoder_layers == draft.network.decoder_layers
    assert with_mirror(own.network, True) == draft.network


def test_layers_are_copied_and_taken_out():
    assert duplicated(DRAFT, "network.encoder.0").network.encoder == (A, A, B)
    assert duplicated(DRAFT, "network.code").network.hidden == (A, B, CODE, CODE)
    assert removed(DRAFT, "network.encoder.0").network.encoder == (B,)
    assert removed(DRAFT, "network.code").network.code is None
    head = duplicated(DRAFT, "objective.classes.hidden.0").objective.classes
    assert head and [layer.units for layer in head.hidden] == [5, 5]
    bare = removed(DRAFT, "objective.classes.hidden.0").objective.classes
    assert bare and bare.hidden == ()


def test_the_last_layer_stays():
    only = DRAFT.model_copy(update={"network": NetworkSpec(encoder=(A,), code=None)})
    with pytest.raises(SpecError, match="no layer"):
        removed(only, "network.encoder.0")


def test_a_copy_of_a_layer_that_starts_from_components_does_not():
    first = LayerSpec(units=9, init="pca")
    draft = DRAFT.model_copy(update={"network": NetworkSpec(encoder=(first,), code=CODE)})
    assert [layer.init for layer in duplicated(draft, "network.encoder.0").network.encoder] == ["pca", "xavier"]


def test_a_table_of_layers_keeps_the_code_last():
    network, new = DRAFT.network, LayerSpec(units=4)
    assert with_hidden(network, (A, B, CODE, new)).hidden == (A, B, new, CODE)
    assert with_hidden(network, (B, CODE)).code == CODE
    assert with_hidden(network, (A, B)).code is None
    changed = with_hidden(network, (A, B, new))
    assert changed.code == new and changed.encoder == (A, B)


THREE = NetworkSpec(encoder=(A, B), code=None, member_layers=("512, 256/0.3", "6"))


def test_networks_of_an_ensemble_take_turns_in_their_layers():
    assert THREE.member(0) == THREE.member(3) == THREE
    second, third = THREE.member(1).encoder, THREE.member(2).encoder
    assert [(layer.units, layer.dropout) for layer in second] == [(512, 0.0), (256, 0.3)]
    assert [layer.units for layer in third] == [6] and third[0].activation == A.activation
    assert THREE.member(4) == THREE.member(1)


@pytest.mark.parametrize("line", ["wide", "512, /0.3", "0", "64/2"])
def test_layers_of_a_further_network_that_cannot_be_read_are_refused(line: str):
    with pytest.raises(SpecError):
        NetworkSpec(member_layers=(line,))


def test_gene_sets_leave_no_layers_to_further_networks():
    with pytest.raises(SpecError, match="layers of their own"):
        NetworkSpec(member_layers=("64",), gene_sets={})
