"""The network: input, encoder, code, decoder, heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.errors import SpecError
from core.networks.activations import bounds
from core.networks.heads import ClassHead, OutputLayer, ProportionHead
from core.networks.layers import GaussianNoise, stack
from core.networks.start_weights import linear_layer

if TYPE_CHECKING:
    from core.networks.layers import DenseLayer
    from core.specs import NetworkSpec, ObjectiveSpec


class Network(nn.Module):
    """An encoder with the heads that the objective asks for. Make one with ``build``, which sets the weights.

    Shapes: (n, n_inputs) -> "code" (n, code_units), and where the head is present "reconstruction" (n, n_inputs),
    "class_logits" (n, n_classes), "proportions" (n, n_classes), rows summing to one.

    Attributes
    ----------
    input
        Noise, norm and dropout on the input, as far as they are asked for.
    encoder
        Layers from the input to the code, the code's own layer last.
    decoder
        Layers from the code to the output, without it.
    """

    def __init__(self, spec: NetworkSpec, objective: ObjectiveSpec, n_inputs: int, n_classes: int) -> None:
        super().__init__()
        self.spec, self.n_inputs, self.n_classes = spec, n_inputs, n_classes
        self.input = input_block(spec, n_inputs)
        self.encoder = stack(n_inputs, spec.hidden)
        self.path_in = linear_layer(n_inputs, spec.code_units) if spec.linear_path else None
        self.decoder: nn.Sequential | None = None
        self.output: OutputLayer | None = None
        self.path_out: nn.Linear | None = None
        self.log_dispersion: nn.Parameter | None = None
        if objective.reconstruction:
            behind = spec.decoder_layers
            self.decoder = stack(spec.code_units, behind)
            self.output = OutputLayer(behind[-1].units if behind else spec.code_units, n_inputs, spec)
            if spec.linear_path:
                self.path_out = linear_layer(spec.code_units, n_inputs)
            if objective.reconstruction.loss == "negative_binomial":
                self.log_dispersion = nn.Parameter(torch.zeros(n_inputs))
        classes, proportions = objective.classes, objective.proportions
        self.class_head = ClassHead(spec.code_units, n_classes, classes.hidden) if classes else None
        self.proportion_head = (
            ProportionHead(spec.code_units, n_classes, batch_norm=proportions.batch_norm) if proportions else None
        )

    def encode(self, x: Tensor) -> Tensor:
        """(n, n_inputs) -> (n, code_units)."""
        x = self.input(x)
        code = self.encoder(x)
        return code if self.path_in is None else code + self.path_in(x)

    def decode(self, code: Tensor) -> Tensor:
        """(n, code_units) -> (n, n_inputs), in the unit of the input.

        Raises
        ------
        SpecError
            If the network has no head that rebuilds the genes.
        """
        if self.decoder is None or self.output is None:
            raise SpecError("This network does not rebuild genes", None, "Train one with objective.reconstruction")
        return self.output(self.decoder(code), None if self.path_out is None else self.path_out(code))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        code = self.encode(x)
        outputs = {"code": code}
        if self.output is not None:
            outputs["reconstruction"] = self.decode(code)
        if self.class_head is not None:
            outputs["class_logits"] = self.class_head(code)
        if self.proportion_head is not None:
            outputs["proportions"] = self.proportion_head(code)
        return outputs

    @property
    def code_layer(self) -> DenseLayer:
        return self.encoder[-1]  # type: ignore[return-value]  # Sequential is typed by Module alone

    @property
    def code_weight(self) -> Tensor:
        """(code_units, n_in), incoming weights of the code units."""
        return self.code_layer.linear.weight

    @property
    def code_bounds(self) -> tuple[float, float] | None:
        """The limits between which the code lies, where its activation has two."""
        behind = self.spec.hidden[-1]
        free = self.path_in is not None or (behind.norm_after and behind.norm != "none")
        return None if free else bounds(behind.activation)


def input_block(spec: NetworkSpec, n_inputs: int) -> nn.Sequential:
    """Noise, then norm, then dropout: noise in the unit of the input, hidden genes at the norm's zero."""
    block: list[nn.Module] = []
    if spec.input_noise:
        block.append(GaussianNoise(spec.input_noise))
    if spec.input_norm:
        block.append(nn.BatchNorm1d(n_inputs))
    if spec.input_dropout:
        block.append(nn.Dropout(spec.input_dropout))
    return nn.Sequential(*block)
