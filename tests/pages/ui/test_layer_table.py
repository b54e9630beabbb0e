from __future__ import annotations

import pandas as pd
import pytest

from core.errors import SpecError
from core.specs import LayerSpec
from pages.ui import layer_table
from pages.ui.layer_table import read

LAYERS = (LayerSpec(units=512, max_norm=2.0), LayerSpec(units=128), LayerSpec(units=64))


def frame(layers: tuple[LayerSpec, ...]) -> pd.DataFrame:
    return layer_table.frame(layers, ["Hidden 1", "Hidden 2", "Code"], [1_024_512, 65_664, 8_256])


def test_a_row_has_its_place_and_name_first_and_its_learned_numbers_last():
    table = frame(LAYERS)
    assert list(table.columns) == ["place", "layer", "units", "activation", "dropout", "norm", "init", "weights"]
    assert table.iloc[0][["place", "layer", "units", "weights"]].tolist() == [1, "Hidden 1", 512, "1,024,512"]


def test_a_table_that_is_not_edited_gives_the_layers_back():
    assert read(frame(LAYERS), LAYERS) == LAYERS


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
