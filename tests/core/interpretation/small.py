"""Small networks whose gradients can be written out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.networks.build import build
from core.networks.network import Network
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec


class Encoder(nn.Module):
    """An encoder alone, layer by layer."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def encode(self, x: Tensor) -> Tensor:
        return self.layers(x)


def encoder(act1: nn.Module, act2: nn.Module, genes: int = 7, hidden: int = 5, units: int = 3) -> Encoder:
    torch.manual_seed(0)
    return Encoder(nn.Linear(genes, hidden), act1, nn.Linear(hidden, units), act2).eval()


def network(
    activation: str = "softplus", *, layers: int = 1, genes: int = 12, units: int = 4, classes: int = 3, **settings
) -> Network:
    """A network with all three heads and weights large enough for every activation to bend."""
    layer = LayerSpec(units=6, activation=activation, norm=settings.pop("norm", "none"))  # type: ignore[arg-type]
    spec = NetworkSpec(
        encoder=(layer,) * layers,
        code=LayerSpec(units=units, activation=activation),  # type: ignore[arg-type]
        **settings,
    )
    heads = ObjectiveSpec(reconstruction=ReconstructionSpec(), classes=ClassSpec(), proportions=ProportionSpec())
    made = build(spec, heads, genes, classes, torch.Generator().manual_seed(0), components=torch.eye(genes))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(1.5)
    return made
