from __future__ import annotations

import base64
import json
import re

import numpy as np

from core.export.replay import STEPS, UNKNOWN, player, replay_page

POSITIONS = np.array([[[0.0, 0.0], [1.0, 1.0], [2.0, 4.0]], [[1.0, 0.0], [1.0, 2.0], [2.0, 8.0]]])


def made(**more):
    return player(
        POSITIONS, [0, 5], labels=["NK", "", "B"], part=["reference", "query", "reference"], classes=("B", "NK"), **more
    )


def unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def test_positions_travel_as_whole_numbers_of_one_grid():
    data = made(kept=5)
    x, y = (unpacked(data[axis], "<i2").reshape(2, 3) / STEPS for axis in "xy")
    np.testing.assert_allclose(np.ptp(y), 2.0, atol=1e-4)  # the longer axis fills the grid
    np.testing.assert_allclose(np.ptp(x) / np.ptp(y), 2 / 8, atol=1e-4)
    assert data["epochs"] == [0, 5] and data["kept"] == 5


def test_types_called_or_known_share_one_list_and_unknown_ones_are_grey():
    data = made(called=np.array([[0, 1, 1], [1, 1, 0]]), probability=np.array([[0.5, 1, 0], [1, 1, 1]]))
    assert data["labels"] == ["B", "NK", UNKNOWN]
    assert unpacked(data["known"], "<u2").tolist() == [1, 2, 0]
    assert unpacked(data["called"], "<u2").tolist() == [0, 1, 1, 1, 1, 0]
    assert unpacked(data["probability"], np.uint8).tolist()[:3] == [128, 255, 0]
    assert data["colours"]["light"]["fill"][2] == "#B4BEC7"
    assert unpacked(data["part"], np.uint8).tolist() == [0, 1, 0] and data["parts"] == ["reference", "query"]


def test_without_known_or_called_types_there_is_nothing_to_colour_by():
    data = player(POSITIONS, [0, 5], labels=["", "", ""], part=["reference"] * 3)
    assert data["known"] is None and "called" not in data and data["kind"] is None


def test_the_page_stands_alone_and_lets_no_label_out_of_its_place():
    data = player(POSITIONS, [0, 5], labels=["</script><b>", "B", "B"], part=["reference"] * 3)
    page = replay_page(data, "Run <1>")
    assert "Run &lt;1&gt;" in page and "</script><b>" not in page
    content = re.search(r'type="application/json">(.*?)</script>', page, re.DOTALL)
    assert content and json.loads(content[1])["labels"][0] == "</script><b>"
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "class Replay" in page and ".cd-scatter-frame" in page and ".cd-replay-foot" in page
