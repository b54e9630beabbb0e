from __future__ import annotations

import pytest
from torch import Tensor, nn

from core.errors import SpecError
from core.networks.own_module import check_sizes


class Own(nn.Module):
    def __init__(self, n_inputs: int = 5, code: int = 2, n_classes: int = 3) -> None:
        super().__init__()
        self.first, self.back, self.classes = nn.Linear(n_inputs, code), nn.Linear(code, 5), nn.Linear(code, n_classes)

    def encode(self, x: Tensor) -> Tensor:
        return self.first(x)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        code = self.encode(x)
        return {"code": code, "reconstruction": self.back(code), "class_logits": self.classes(code)}


class NoCode(Own):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"reconstruction": x}


def test_a_fitting_module_tells_its_sizes_and_keeps_its_mode():
    module = Own().train()
    assert check_sizes(module, 5, 3) == {"code": (2,), "reconstruction": (5,), "class_logits": (3,)}
    assert module.training


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Linear(5, 2), "no encode"),
        (NoCode(), "gives no code"),
        (Own(n_inputs=4), "does not take 5 genes"),
        (Own(n_classes=4), "class_logits has the wrong size"),
    ],
)
def test_what_does_not_fit_is_named(module, words):
    with pytest.raises(SpecError, match=words) as caught:
        check_sizes(module, 5, 3)
    assert caught.value.remedy
