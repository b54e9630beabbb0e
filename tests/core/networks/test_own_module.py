from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.errors import SpecError
from core.networks.build import build
from core.networks.own_module import check_sizes
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, VariationalSpec


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


class Drawing(Own):
    """A variational module of counts, which takes library sizes."""

    takes_library = True

    def __init__(self, deviations: int = 2, zeros: int = 5) -> None:
        super().__init__()
        self.deviation, self.zeros = nn.Linear(5, deviations), nn.Linear(2, zeros)

    def forward(self, x: Tensor, library: Tensor) -> dict[str, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        code = self.encode(x)
        genes = self.back(code).softmax(dim=1) * library.unsqueeze(1)
        zeros, deviation = self.zeros(code), self.deviation(x).exp()
        return {"code": code, "code_deviation": deviation, "reconstruction": genes, "zero_logits": zeros}


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
        (Drawing(deviations=3), "code_deviation has the wrong size"),
        (Drawing(zeros=4), "zero_logits has the wrong size"),
    ],
)
def test_what_does_not_fit_is_named(module, words):
    with pytest.raises(SpecError, match=words) as caught:
        check_sizes(module, 5, 3)
    assert caught.value.remedy


def test_a_module_may_draw_its_code_and_take_library_sizes():
    sizes = check_sizes(Drawing(), 5, 3)
    assert sizes == {"code": (2,), "code_deviation": (2,), "reconstruction": (5,), "zero_logits": (5,)}


def test_the_own_networks_with_every_part_pass_the_same_check():
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss="zero_inflated_negative_binomial"), variational=VariationalSpec()
    )
    spec = NetworkSpec(code=LayerSpec(units=4), output_activation="softplus", library_size=True)
    network = build(spec, objective, 5, 0, torch.Generator().manual_seed(0))
    assert check_sizes(network, 5, 0) == {
        "code": (4,),
        "code_deviation": (4,),
        "reconstruction": (5,),
        "zero_logits": (5,),
    }
