"""The network: layers from the input to the code, and the decoder behind it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec

Activation = Literal[
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "selu",
    "sigmoid",
    "logsigmoid",
    "tanh",
    "softplus",
    "softshrink",
    "softmax",
    "linear",
]


class LayerSpec(Spec):
    """One fully connected layer."""

    units: int = Field(default=128, ge=1, le=20_000, title="Units", description="Width of the layer.")
    activation: Activation = Field(default="relu", title="Activation", description="The function behind each unit.")
    norm: Literal["none", "batch", "layer"] = Field(
        default="none",
        title="Norm",
        description="batch: over the cells of a batch. layer: over the units of a cell, safe for one sample alone.",
    )
    norm_after: bool = Field(
        default=False,
        title="Norm after activation",
        description="Normalise (and drop out) behind the activation, not before it.",
    )
    dropout: float = Field(
        default=0.0,
        ge=0,
        le=0.95,
        title="Dropout",
        description="Share of the units silenced at random in each training step.",
    )
    init: Literal["xavier", "he", "identity", "pca"] = Field(
        default="xavier",
        title="Start weights",
        description="identity: ones on the diagonal and small noise. pca: components of the data, first layer only.",
    )
    max_norm: float | None = Field(
        default=None,
        gt=0,
        title="Max-norm",
        description="Largest length of a unit's incoming weights; empty for no limit.",
    )


class NetworkSpec(Spec):
    """Encoder, code and decoder. Heads and losses are the objective's."""

    input_norm: bool = Field(default=False, title="Input batch norm", description="Batch norm on the genes themselves.")
    input_dropout: float = Field(
        default=0.0,
        ge=0,
        le=0.95,
        title="Input dropout",
        description="Share of the genes hidden in each training step.",
    )
    input_noise: float = Field(
        default=0.0,
        ge=0,
        le=10,
        title="Input noise",
        description="Standard deviation of noise added to the input in training.",
    )
    encoder: tuple[LayerSpec, ...] = Field(
        default=(LayerSpec(),), title="Encoder", description="Layers before the code."
    )
    code: LayerSpec | None = Field(
        default=LayerSpec(units=64),
        title="Code",
        description="The bottleneck; without one the last encoder layer is the code.",
    )
    decoder: Literal["mirror"] | tuple[LayerSpec, ...] = Field(
        default="mirror", title="Decoder", description="mirror: the encoder backwards. Else its own layers."
    )
    output_activation: Literal["linear", "softplus", "sigmoid"] = Field(
        default="linear", title="Output", description="The function behind each rebuilt gene; counts need softplus."
    )

    linear_path: bool = Field(
        default=False,
        title="Linear path",
        description="A straight line from genes to code and back beside the layers; starts as principal components.",
    )

    @model_validator(mode="after")
    def _has_layers(self) -> NetworkSpec:
        if not self.encoder and self.code is None:
            raise SpecError("The network has no layer", None, "Add a layer or a code")
        if any(layer.init == "pca" for layer in self.encoder[1:]):
            raise SpecError("Only the first layer can start from principal components", "pca", "Use xavier or he here")
        return self

    @property
    def hidden(self) -> tuple[LayerSpec, ...]:
        """All layers from the input to the code, the code included."""
        return self.encoder + ((self.code,) if self.code else ())

    @property
    def decoder_layers(self) -> tuple[LayerSpec, ...]:
        """The decoder's hidden layers, the mirror written out."""
        if self.decoder == "mirror":
            body = self.encoder if self.code else self.encoder[:-1]
            return tuple(layer.model_copy(update={"init": mirrored(layer.init)}) for layer in reversed(body))
        return self.decoder

    @property
    def code_units(self) -> int:
        return self.hidden[-1].units


def mirrored(init: str) -> str:
    """The start weights of a mirrored layer: components of the data belong to the first layer alone."""
    return "xavier" if init == "pca" else init
