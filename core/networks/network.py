"""The network: input, encoder, code, decoder, heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.errors import SpecError
from core.networks.activations import bounds
from core.networks.batch import LINEAR
from core.networks.dropout import Dropout
from core.networks.heads import ClassHead, Deviation, OutputLayer, ProportionHead
from core.networks.layers import GaussianNoise, LogOfCounts, stack
from core.networks.start_weights import MaskedLinear, linear_layer

if TYPE_CHECKING:
    from core.networks.layers import DenseLayer
    from core.specs import NetworkSpec, ObjectiveSpec


class Network(nn.Module):
    """An encoder with the heads that the objective asks for. Make one with ``build``, which sets the weights.

    Shapes: (n, n_inputs) -> "code" (n, code_units), and where the head is present "reconstruction" (n, n_inputs),
    "class_logits" (n, n_classes), "proportions" (n, n_classes), rows summing to one.

    A variational code has "code_deviation" (n, code_units) beside it: in training decoder and heads see a draw from the
    normal distribution of that mean and deviation, else the mean. "code" is the mean at all times, and its layer is
    what weights, bounds and saliency refer to.

    A zero-inflated loss has "zero_logits" (n, n_inputs), log odds that a count is replaced by 0; "reconstruction" is
    then the counts expected where none is.

    With a library-size offset each cell's reconstruction adds up to its library size.

    In training, a network that ``learns_from_linear`` gives what the activation of its output is applied to in place
    of "reconstruction": loss and gradient of the two together take half the time.

    Attributes
    ----------
    input
        Noise, norm and dropout on the input, as far as they are asked for.
    encoder
        Layers from the input to the code, the code's own layer last.
    decoder
        Layers from the code to the output, without it.
    deviation
        Standard deviation of a variational code, from what the code's own layer sees.
    typical_library
        (), library size of a code that belongs to no cell: the median of the training cells, once it is set.
    """

    typical_library: Tensor

    def __init__(
        self, spec: NetworkSpec, objective: ObjectiveSpec, n_inputs: int, n_classes: int, mask: Tensor | None = None
    ) -> None:
        super().__init__()
        self.spec, self.n_inputs, self.n_classes = spec, n_inputs, n_classes
        self.input = input_block(spec, n_inputs)
        self.encoder = stack(n_inputs, spec.hidden, mask)
        self.deviation: Deviation | None = None
        if objective.variational:
            alone = len(spec.hidden) == 1
            below = n_inputs if alone else spec.hidden[-2].units
            self.deviation = Deviation(below, spec.code_units, mask if alone else None)
        self.path_in = linear_layer(n_inputs, spec.code_units) if spec.linear_path else None
        self.decoder: nn.Sequential | None = None
        self.output: OutputLayer | None = None
        self.learns_from_linear = False
        self.path_out: nn.Linear | None = None
        self.log_dispersion: nn.Parameter | None = None
        self.zero_output: nn.Linear | None = None
        if objective.reconstruction:
            behind = spec.decoder_layers
            self.decoder = stack(spec.code_units, behind)
            width = behind[-1].units if behind else spec.code_units
            self.output = OutputLayer(width, n_inputs, spec)
            loss, shares = objective.reconstruction.loss, spec.library_size
            fused = loss == "negative_binomial" or (loss == "poisson" and not shares)
            self.learns_from_linear = fused and spec.output_activation in ("softplus", "softmax")
            if spec.linear_path:
                self.path_out = linear_layer(spec.code_units, n_inputs)
            if objective.reconstruction.dispersed:
                self.log_dispersion = nn.Parameter(torch.zeros(n_inputs))
            if objective.reconstruction.zero_inflated:
                self.zero_output = linear_layer(width, n_inputs)
            if spec.library_size:
                self.register_buffer("typical_library", torch.ones(()))
        classes, proportions = objective.classes, objective.proportions
        self.class_head = ClassHead(spec.code_units, n_classes, classes.hidden) if classes else None
        self.proportion_head = (
            ProportionHead(spec.code_units, n_classes, batch_norm=proportions.batch_norm) if proportions else None
        )

    def encode(self, x: Tensor) -> Tensor:
        """(n, n_inputs) -> (n, code_units); of a variational code the mean."""
        x = self.input(x)
        code = self.encoder(x)
        return code if self.path_in is None else code + self.path_in(x)

    def decode(self, code: Tensor, library: Tensor | None = None) -> Tensor:
        """(n, code_units) -> (n, n_inputs), in the unit of the input.

        Parameters
        ----------
        code
            (n, code_units).
        library
            (n,), library size of each cell, where the network has a library-size offset; ``None`` for the typical one.

        Raises
        ------
        SpecError
            If the network has no head that rebuilds the genes.
        """
        if self.decoder is None:
            raise SpecError("This network does not rebuild genes", None, "Train one with objective.reconstruction")
        if self.takes_library and library is None:
            library = self.typical_library.expand(len(code))
        return self._genes(self.decoder(code), code, library)

    def forward(self, x: Tensor, library: Tensor | None = None) -> dict[str, Tensor]:
        """All outputs of some cells.

        Parameters
        ----------
        x
            (n, n_inputs).
        library
            (n,), library size of each cell, where the network ``takes_library``; ``None`` for the sum of its input.
        """
        if self.deviation is None:
            code = drawn = self.encode(x)
            outputs = {"code": code}
        else:
            code, deviation = self._distribution(x)
            # drawn from torch's own stream, which the trainer seeds for each epoch
            drawn = code + deviation * torch.randn_like(deviation) if self.training else code
            outputs = {"code": code, "code_deviation": deviation}
        if self.decoder is not None:
            if self.takes_library and library is None:
                library = x.sum(dim=1)
            last = self.decoder(drawn)
            if self.training and self.learns_from_linear:
                assert self.output is not None
                outputs[LINEAR] = self.output.before_activation(last, self._added(drawn))
            else:
                outputs["reconstruction"] = self._genes(last, drawn, library)
            if self.zero_output is not None:
                outputs["zero_logits"] = self.zero_output(last).float()
        if self.class_head is not None:
            outputs["class_logits"] = self.class_head(drawn)
        if self.proportion_head is not None:
            outputs["proportions"] = self.proportion_head(drawn)
        return outputs

    def _distribution(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of the code, each (n, code_units)."""
        assert self.deviation is not None
        x = below = self.input(x)
        for layer in list(self.encoder)[:-1]:
            below = layer(below)
        code = self.code_layer(below)
        return code if self.path_in is None else code + self.path_in(x), self.deviation(below)

    def _genes(self, last: Tensor, code: Tensor, library: Tensor | None) -> Tensor:
        """The reconstruction from the decoder's last layer."""
        assert self.output is not None
        return self.output(last, self._added(code), library if self.takes_library else None)

    def _added(self, code: Tensor) -> Tensor | None:
        """What the linear path adds to the output layer."""
        return None if self.path_out is None else self.path_out(code)

    @property
    def takes_library(self) -> bool:
        """Whether the reconstruction depends on each cell's library size."""
        return self.spec.library_size and self.output is not None

    @property
    def code_layer(self) -> DenseLayer:
        return self.encoder[-1]  # type: ignore[return-value]  # Sequential is typed by Module alone

    @property
    def code_weight(self) -> Tensor:
        """(code_units, n_in), incoming weights of the code units."""
        linear = self.code_layer.linear
        return linear.kept if isinstance(linear, MaskedLinear) else linear.weight

    @property
    def code_bounds(self) -> tuple[float, float] | None:
        """The limits between which the code lies, where its activation has two."""
        behind = self.spec.hidden[-1]
        free = self.path_in is not None or (behind.norm_after and behind.norm != "none")
        return None if free else bounds(behind.activation)


def input_block(spec: NetworkSpec, n_inputs: int) -> nn.Sequential:
    """Log, noise, norm, dropout: noise in the unit that the layers see, hidden genes at the norm's zero."""
    block: list[nn.Module] = []
    if spec.input_log:
        block.append(LogOfCounts())
    if spec.input_noise:
        block.append(GaussianNoise(spec.input_noise))
    if spec.input_norm:
        block.append(nn.BatchNorm1d(n_inputs))
    if spec.input_dropout:
        block.append(Dropout(spec.input_dropout))
    return nn.Sequential(*block)
