from __future__ import annotations

import pytest

from core.evaluation.claims import claims
from pages.ui.assess import evaluation_words as words


@pytest.mark.parametrize(
    ("value", "read"), [(0.04, "0.04"), (1e-15, "1 × 10⁻¹⁵"), (4.8e-110, "5 × 10⁻¹¹⁰"), (0.0, "0")]
)
def test_a_tiny_p_is_a_power_of_ten(value: float, read: str):
    assert words.power(value) == read


def test_every_claim_without_a_number_has_a_reason():
    for claim in claims().to_dict("records"):
        said = " ".join(words.untried(claim, ["rank"]))
        assert ("the next evaluation tries" in said) == (claim["experiment"] == "rank")
        if claim["experiment"] not in words.TITLES:
            assert words.CANNOT[claim["experiment"]] in said
