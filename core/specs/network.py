"""The network: layers from the input to the code, and the decoder behind it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec, parse

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


MOST_UNITS = 20_000


class LayerSpec(Spec):
    """One fully connected layer."""

    units: int = Field(default=128, ge=1, le=MOST_UNITS, title="Units", description="Width of the layer.")
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
    non_negative: bool = Field(
        default=False,
        title="No negative weights",
        description="A unit never falls as its inputs rise: a unit of a gene set then stands for the set's expression.",
    )

    @model_validator(mode="after")
    def _starts_at_or_above_zero(self) -> LayerSpec:
        if self.non_negative and self.init == "pca":
            raise SpecError(
                "Principal components have negative weights",
                "pca",
                "Set the start weights to xavier or he, or switch off non_negative",
            )
        return self


class GeneSetLayerSpec(Spec):
    """Gene sets as the units of the first layer: each unit is joined to the genes of its set alone."""

    min_genes: int = Field(
        default=5,
        ge=1,
        title="Genes in the data, at least",
        description="Sets with fewer genes among the network's inputs get no unit.",
    )


class NetworkSpec(Spec):
    """Encoder, code and decoder. Heads and losses are the objective's."""

    input_log: bool = Field(
        default=False,
        title="Log of the input",
        description="The layers see log(1 + count); what is rebuilt stays counts.",
    )
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
    member_layers: tuple[str, ...] = Field(
        default=(),
        title="Layers of further networks",
        description="Of several networks, the first has the encoder above; these take turns behind it. One per line, "
        "units and dropout: 512, 256/0.3, 128/0.2. All else is as in the encoder's first layer.",
    )
    code: LayerSpec | None = Field(
        default=LayerSpec(units=64),
        title="Code",
        description="The bottleneck; without one the last encoder layer is the code.",
    )
    decoder: Literal["mirror"] | tuple[LayerSpec, ...] = Field(
        default="mirror", title="Decoder", description="mirror: the encoder backwards. Else its own layers."
    )
    output_activation: Literal["linear", "softplus", "softmax", "sigmoid"] = Field(
        default="linear",
        title="Output",
        description="The function behind each rebuilt gene. Counts need softplus, or softmax with a library-size "
        "offset.",
    )
    linear_path: bool = Field(
        default=False,
        title="Linear path",
        description="A straight line from genes to code and back beside the layers; starts as principal components.",
    )
    library_size: bool = Field(
        default=False,
        title="Library-size offset",
        description="The decoder gives each gene's share of a cell's counts; the cell's own total makes counts of it. "
        "For count losses.",
    )
    gene_sets: GeneSetLayerSpec | None = Field(
        default=None,
        title="First layer of gene sets",
        description="One unit for each set of the gene-set file, joined to the genes of its set alone; the file "
        "decides the layer's units.",
    )

    @model_validator(mode="after")
    def _has_layers(self) -> NetworkSpec:
        if not self.encoder and self.code is None:
            raise SpecError("The network has no layer", None, "Add a layer or a code")
        if any(layer.init == "pca" for layer in self.encoder[1:]):
            raise SpecError("Only the first layer can start from principal components", "pca", "Use xavier or he here")
        if self.input_log and (self.linear_path or self.hidden[0].init == "pca"):
            raise SpecError(
                "Principal components of the counts do not fit their logarithm",
                "input_log",
                "Switch off network.input_log, or both network.linear_path and the start weights pca",
            )
        if self.output_activation == "softmax" and not self.library_size:
            raise SpecError(
                "A softmax gives shares that add up to one, and nothing makes counts of them",
                "softmax",
                "Switch on network.library_size, or set network.output_activation to softplus",
            )
        if self.gene_sets is not None:
            self._gene_sets_fit()
        if self.member_layers:
            self._members_fit()
        return self

    def _members_fit(self) -> None:
        """Refuse lines that describe no layers, or layers that gene sets or a shared decoder would not fit."""
        for line in self.member_layers:
            _layers(line, LayerSpec())
        if not self.encoder or self.gene_sets is not None:
            raise SpecError(
                "Further networks cannot have layers of their own here",
                list(self.member_layers),
                "Give the network an encoder and switch off network.gene_sets, or empty network.member_layers",
            )

    def member(self, number: int) -> NetworkSpec:
        """The network with this number in an ensemble, the first being 0."""
        turn = number % (len(self.member_layers) + 1)
        if turn == 0:
            return self
        return self.model_copy(update={"encoder": _layers(self.member_layers[turn - 1], self.encoder[0])})

    def _gene_sets_fit(self) -> None:
        """Refuse what would lead a gene past its sets, or start weights where a gene set has none."""
        if self.hidden[0].init in ("identity", "pca"):
            raise SpecError(
                "A layer of gene sets cannot start as identity or principal components",
                self.hidden[0].init,
                "Set the first layer's start weights to xavier or he",
            )
        if self.linear_path:
            raise SpecError(
                "A linear path would lead every gene past the gene sets", True, "Switch off network.linear_path"
            )

    def with_first_units(self, units: int) -> NetworkSpec:
        """The same network with another width of its first layer, as gene sets decide it."""
        if not self.encoder:
            assert self.code is not None
            return self.model_copy(update={"code": self.code.model_copy(update={"units": units})})
        first = self.encoder[0].model_copy(update={"units": units})
        return self.model_copy(update={"encoder": (first, *self.encoder[1:])})

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


def _layers(line: str, like: LayerSpec) -> tuple[LayerSpec, ...]:
    """The layers that a line such as ``512, 256/0.3`` describes; the first starts as ``like`` does.

    Raises
    ------
    SpecError
        If it describes none.
    """
    layers: list[LayerSpec] = []
    for word in line.split(","):
        units, _, dropout = word.partition("/")
        try:
            changed = {"units": int(units), "dropout": float(dropout or 0)}
        except ValueError:
            remedy = "Write units and dropout, as 512, 256/0.3, 128/0.2"
            raise SpecError("The layers of a further network cannot be read", line, remedy) from None
        init = like.init if not layers else mirrored(like.init)
        layers.append(parse(LayerSpec, {**like.model_dump(), **changed, "init": init}, "network.member_layers"))
    return tuple(layers)


def mirrored(init: str) -> str:
    """The start weights of a mirrored layer: components of the data belong to the first layer alone."""
    return "xavier" if init == "pca" else init
