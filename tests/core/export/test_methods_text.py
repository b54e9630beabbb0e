from __future__ import annotations

import pytest

from core.export.methods_text import methods_text
from core.recipes import recipe
from core.specs import ModelSourceSpec


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("annotator", "Cell types were given by a model that was trained before with CellDesk"),
        ("mixer", "Proportions of cell types in bulk samples were estimated by a model that was trained before"),
    ],
)
def test_a_run_from_a_model_says_that_the_model_was_there_before(name: str, said: str):
    spec = recipe(name).spec
    model = {"model": ModelSourceSpec(path="model.safetensors")}
    text = methods_text(spec.model_copy(update={"data": spec.data.model_copy(update=model)}))
    assert text.startswith(said)
