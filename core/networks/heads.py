"""Heads behind the code: rebuilt genes, cell types, proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional

from core.networks.activations import activation
from core.networks.count_losses import of_library
from core.networks.layers import stack
from core.networks.start_weights import linear_layer, masked_layer

if TYPE_CHECKING:
    from core.specs import LayerSpec, NetworkSpec


SMALLEST_DEVIATION = 1e-4


class OutputLayer(nn.Module):
    """Rebuilt genes from the decoder's last layer.

    With library sizes (n,) the activation's values become shares of a cell's total, times that total. They are
    divided by their sum, so that the output's own activation stays what it is: with softplus a share grows like
    softmax's while it is small, but in proportion to its input, not exponentially, where it is large.

    Shapes: (n, n_in) -> (n, n_genes).
    """

    def __init__(self, n_in: int, n_genes: int, spec: NetworkSpec) -> None:
        super().__init__()
        self.linear = linear_layer(n_in, n_genes)
        self.activation = activation(spec.output_activation)

    def before_activation(self, x: Tensor, added: Tensor | None = None) -> Tensor:
        """(n, n_in) -> (n, n_genes), what the activation is applied to; bfloat16 under bf16."""
        genes = self.linear(x)
        return genes if added is None else genes + added

    def forward(self, x: Tensor, added: Tensor | None = None, library: Tensor | None = None) -> Tensor:
        # under bf16 the activation and the loss stay exact
        genes = self.activation(self.before_activation(x, added).float())
        if library is None:
            return genes
        return of_library(genes, library)


class Deviation(nn.Module):
    """Standard deviation of each code unit of a variational code, from what the code's own layer sees.

    A softplus, unlike an exponential, neither overflows nor leaves its gradient behind.

    Shapes: (n, n_in) -> (n, code_units), positive.
    """

    def __init__(self, n_in: int, n_code: int, mask: Tensor | None = None) -> None:
        super().__init__()
        self.linear = linear_layer(n_in, n_code) if mask is None else masked_layer(mask)

    def forward(self, x: Tensor) -> Tensor:
        return functional.softplus(self.linear(x).float()) + SMALLEST_DEVIATION


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
