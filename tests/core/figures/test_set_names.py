from __future__ import annotations

import pytest

from core.figures.set_names import plain_name, plain_names


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("HALLMARK_MYC_TARGETS_V1", "MYC targets V1"),
        ("HALLMARK_INTERFERON_GAMMA_RESPONSE", "Interferon gamma response"),
        ("HALLMARK_IL6_JAK_STAT3_SIGNALING", "IL6 JAK STAT3 signaling"),
        ("Signaling by the B Cell Receptor", "Signaling by the B Cell Receptor"),
        ("GOBP_", "GOBP_"),
    ],
)
def test_names_are_read_as_people_write_them(name: str, plain: str):
    assert plain_name(name) == plain


def test_names_stay_apart():
    assert plain_names(["HALLMARK_APOPTOSIS", "KEGG_APOPTOSIS"]) == {
        "HALLMARK_APOPTOSIS": "HALLMARK_APOPTOSIS",
        "KEGG_APOPTOSIS": "KEGG_APOPTOSIS",
    }
