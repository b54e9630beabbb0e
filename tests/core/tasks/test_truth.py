from __future__ import annotations

import pandas as pd
import pytest

from core.errors import DataError
from core.tasks.truth import shared_names

MEASURED = pd.DataFrame(columns=pd.Index(["T", "Neutrophils", "B"]))


def test_shared_names_are_in_the_order_of_the_measured_ones():
    assert shared_names(MEASURED, ["B", "NK", "T"]) == ["T", "B"]


def test_one_shared_name_is_too_few_and_the_message_gives_the_names():
    with pytest.raises(DataError, match=r"fewer than two names.*Neutrophils.*B, NK"):
        shared_names(MEASURED, ["B", "NK"])
