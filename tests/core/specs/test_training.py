from __future__ import annotations

import pytest

from core.errors import SpecError
from core.specs import TrainSpec, parse, replaced


def test_all_devices_are_the_empty_value():
    assert replaced(TrainSpec(), "devices", "all").devices is None
    assert parse(TrainSpec, {"devices": None}) == parse(TrainSpec, {"devices": "all"})
    assert parse(TrainSpec, {}).devices == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"devices": 0}, "devices is out of range"),
        ({"devices": 2, "device": "mps"}, "Apple's GPU cannot be joined"),
        ({"devices": "all", "device": "mps"}, "Apple's GPU cannot be joined"),
        ({"devices": 4, "batch_size": 3}, "batch of 3 cells cannot be shared by 4"),
        ({"devices": "both"}, "devices does not fit"),
    ],
)
def test_devices_that_cannot_share_are_refused(values, words):
    with pytest.raises(SpecError, match=words):
        parse(TrainSpec, values)
