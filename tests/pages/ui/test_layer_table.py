from __future__ import annotations

import pytest

from core.errors import SpecError
from core.specs import LayerSpec
from pages.ui.layer_table import FURTHER, SHOWN, frame, read

LAYERS = (LayerSpec(units=512, max_norm=2.0), LayerSpec(units=128), LayerSpec(units=64))


def test_a_table_that_is_not_edited_gives_the_layers_back():
    assert read(frame(LAYERS), LAYERS) == LAYERS
    assert read(frame(LAYERS, (*SHOWN, *FURTHER)), LAYERS) == LAYERS


def test_a_cell_changes_one_layer_and_keeps_what_is_not_shown():
    table = frame(LAYERS)
    table.loc[0, "units"] = 256
    assert read(table, LAYERS)[0] == LAYERS[0].model_copy(update={"units": 256})


@pytest.mark.parametrize(
    ("row", "place", "order"), [(0, 3, [128, 64, 512]), (2, 1, [64, 512, 128]), (1, 1, [128, 512, 64])]
)
def test_a_new_place_moves_the_layer(row, place, order):
    table = frame(LAYERS)
    table.loc[row, "place"] = place
    assert [layer.units for layer in read(table, LAYERS)] == order


def test_rows_are_removed_and_added_at_the_end():
    table = frame(LAYERS).drop(index=1)
    table.loc[7, "units"] = 32
    assert [layer.units for layer in read(table, LAYERS)] == [512, 64, 32]


def test_a_value_out_of_range_is_refused_with_its_layer():
    table = frame(LAYERS)
    table.loc[1, "dropout"] = 2.0
    with pytest.raises(SpecError, match="layer 2"):
        read(table, LAYERS)


def test_a_limit_is_taken_away_by_emptying_its_cell():
    table = frame(LAYERS, (*SHOWN, *FURTHER))
    table["max_norm"] = None
    assert read(table, LAYERS)[0].max_norm is None
