"""Heads behind the code: rebuilt genes, cell types, proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from core.networks.activations import activation
from core.networks.layers import stack
from core.networks.start_weights import linear_layer

if TYPE_CHECKING:
    from core.specs import LayerSpec, NetworkSpec


class OutputLayer(nn.Module):
    """Rebuilt genes from the decoder's last layer.

    Shapes: (n, n_in) -> (n, n_genes).
    """

    def __init__(self, n_in: int, n_genes: int, spec: NetworkSpec) -> None:
        super().__init__()
        self.linear = linear_layer(n_in, n_genes)
        self.activation = activation(spec.output_activation)

    def forward(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        genes = self.linear(x)
        if added is not None:
            genes = genes + added
        return self.activation(genes.float())  # under bf16 the activation and the loss stay exact


class ClassHead(nn.Module):
    """Logits of each cell type; the softmax is part of the loss.

    Shapes: (n, n_code) -> (n, n_classes).
    """

    def __init__(self, n_code: int, n_classes: int, hidden: tuple[LayerSpec, ...]) -> None:
        super().__init__()
        self.hidden = stack(n_code, hidden)
        self.linear = linear_layer(hidden[-1].units if hidden else n_code, n_classes)

    def forward(self, code: Tensor) -> Tensor:
        return self.linear(self.hidden(code)).float()


class ProportionHead(nn.Module):
    """Cell-type proportions of a mixture: non-negative, summing to one.

    Shapes: (n_samples, n_code) -> (n_samples, n_types).
    """

    def __init__(self, n_code: int, n_types: int, *, batch_norm: bool = False) -> None:
        super().__init__()
        self.linear = linear_layer(n_code, n_types)
        self.norm = nn.BatchNorm1d(n_types) if batch_norm else nn.Identity()
        self.softmax = nn.Softmax(dim=1)  # a module, not a function call: saliency hooks modules

    def forward(self, code: Tensor) -> Tensor:
        return self.softmax(self.norm(self.linear(code).float()))
