from __future__ import annotations

from xml.etree import ElementTree

import pytest

from core.networks.shape import layer_table
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from pages.ui.diagram import diagram_svg, diagram_thumbnail
from pages.ui.diagram.drawing import placed
from pages.ui.diagram.shapes import bar_height, short

NETWORK = NetworkSpec(
    encoder=(LayerSpec(units=512, dropout=0.2, norm="batch"), LayerSpec(units=128)), code=LayerSpec(units=64)
)
BOTH = ObjectiveSpec(reconstruction=ReconstructionSpec(), classes=ClassSpec())


def rows(objective: ObjectiveSpec = BOTH, network: NetworkSpec = NETWORK) -> list[dict]:
    return layer_table(network, objective, 640, 8)


def test_every_layer_can_be_clicked_and_the_chosen_one_is_outlined():
    table = rows()
    drawing = ElementTree.fromstring(diagram_svg(table, chosen=2))
    layers = [part for part in drawing.iter() if part.get("class") == "cd-layer"]
    assert [part.get("data-row") for part in layers] == [str(number) for number in range(len(table))]
    assert sum(part.get("fill") == "none" for part in drawing.iter()) == 1


def test_words_are_escaped():
    assert "<b>" not in diagram_svg(rows(), inputs="<b>")


def test_the_decoder_lies_above_the_head_and_hidden_layers_are_counted_through():
    trunk, (decoder, head) = placed(rows())
    assert decoder[0].y < head[0].y and head[-1].name == "cell types"
    assert [bar.name for bar in (*trunk, *decoder)] == [
        "genes", "hidden 1", "hidden 2", "code", "hidden 3", "hidden 4", "genes back",
    ]  # fmt: skip


@pytest.mark.parametrize("depth", [1, 6, 14])
def test_any_depth_fits_the_drawing(depth):
    deep = NETWORK.model_copy(update={"encoder": tuple(LayerSpec(units=64) for _ in range(depth))})
    trunk, branches = placed(rows(network=deep))
    bars = [*trunk, *(bar for branch in branches for bar in branch)]
    assert max(bar.x for bar in bars) <= 840 and min(bar.x for bar in bars) >= 0


@pytest.mark.parametrize(
    "objective", [BOTH, ObjectiveSpec(reconstruction=ReconstructionSpec()), ObjectiveSpec(classes=ClassSpec())]
)
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_the_longest_way_fills_the_width(objective: ObjectiveSpec, depth: int):
    network = NETWORK.model_copy(update={"encoder": tuple(LayerSpec(units=64) for _ in range(depth))})
    trunk, branches = placed(rows(objective, network))
    assert trunk[0].x == 70 and branches[0][-1].x == pytest.approx(840 - 64)


def test_the_words_of_a_head_end_before_what_is_minimised():
    flat = NETWORK.model_copy(update={"decoder": ()})
    for network in (NETWORK, flat):
        _, (_, head) = placed(rows(network=network))
        assert head[-1].x <= 840 - 190 - 110


@pytest.mark.parametrize("height", [300, 404, 460])
def test_a_drawing_fills_the_height_that_is_left_where_it_can(height):
    drawing = ElementTree.fromstring(diagram_svg(rows(), height=height))
    drawn = float(drawing.get("viewBox", "").split()[3])
    assert drawn >= height and (height < 404 or drawn == height)


def test_words_without_room_are_left_to_the_tip_of_their_bar():
    deep = NETWORK.model_copy(update={"encoder": tuple(LayerSpec(units=64, norm="batch") for _ in range(14))})
    drawing = ElementTree.fromstring(diagram_svg(rows(network=deep)))
    shown = [part.text for part in drawing.iter() if part.tag.endswith("text") and part.get("class") != "cd-count"]
    assert "hidden 3" not in shown and "relu, BN" not in shown
    assert any(part.tag.endswith("title") and part.text == "64 hidden 3, relu, BN" for part in drawing.iter())


def test_a_thumbnail_shows_the_decoder_or_the_head():
    assert "var(--cd-class)" not in diagram_thumbnail(rows())
    assert "var(--cd-class)" in diagram_thumbnail(rows(ObjectiveSpec(classes=ClassSpec())))


def test_more_units_are_higher_and_none_vanishes():
    heights = [bar_height(units, 20_000, 180) for units in (1, 2, 64, 20_000)]
    assert heights == sorted(heights) and heights[0] >= 14 and heights[-1] == pytest.approx(180)


def test_counts_are_short():
    assert [short(count) for count in (520, 8_256, 328_192, 1_250_000)] == ["520", "8.3k", "328k", "1.2M"]
