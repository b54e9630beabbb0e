"""A network from its spec, with start weights set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from core.errors import SpecError
from core.networks.network import Network
from core.networks.start_weights import MaskedLinear, start, start_backwards, start_masked

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from core.networks.layers import DenseLayer
    from core.specs import NetworkSpec, ObjectiveSpec


def build(
    network: NetworkSpec,
    objective: ObjectiveSpec,
    n_inputs: int,
    n_classes: int,
    generator: Generator,
    components: Tensor | None = None,
    centre: Tensor | None = None,
    mask: Tensor | None = None,
) -> Network:
    """The network that ``network`` and ``objective`` describe, on the CPU.

    Parameters
    ----------
    network, objective
        Layers; heads.
    n_inputs
        Genes (or components) of the input.
    n_classes
        Cell types; 0 where no head needs them.
    generator
        Draws the start weights; the same state of it gives the same network.
    components
        (n_components, n_inputs), principal components of the training data as orthonormal rows; needed where
        ``shape.components_needed`` is above zero.
    centre
        (n_inputs,), the mean that was taken off before the components were found; ``None`` if the input is centred.
    mask
        (units of the first layer, n_inputs), which inputs each unit is joined to; needed where ``network.gene_sets``
        is set.

    Raises
    ------
    SpecError
        If parts of the two specs are at odds, or components or the mask are missing.
    """
    _check(network, objective, n_inputs, n_classes)
    _check_mask(network, n_inputs, mask)
    built = Network(network, objective, n_inputs, n_classes, mask)
    for module in built.modules():
        if isinstance(module, nn.Linear):
            start(module, "xavier", generator)
    if built.deviation is not None and isinstance(built.deviation.linear, MaskedLinear):
        start_masked(built.deviation.linear, "xavier", generator)
    heads = list(built.class_head.hidden) if built.class_head is not None else []
    for layer in (*built.encoder, *(built.decoder or ()), *heads):
        _start_layer(layer, generator, components, centre)  # type: ignore[arg-type]  # Sequential yields Module
    if built.output is not None:
        _start_output(built, generator, components, centre)
    if network.linear_path:
        _start_path(built, generator, components, centre)
    return built


def _start_layer(layer: DenseLayer, generator: Generator, components: Tensor | None, centre: Tensor | None) -> None:
    if isinstance(layer.linear, MaskedLinear):
        start_masked(layer.linear, layer.spec.init, generator)
    else:
        start(layer.linear, layer.spec.init, generator, components=components, centre=centre)
    if layer.spec.non_negative:
        with torch.no_grad():
            layer.linear.weight.abs_()


def _start_output(network: Network, generator: Generator, components: Tensor | None, centre: Tensor | None) -> None:
    """The output layer mirrors the first layer; behind a decoder of its own it follows that decoder's last layer."""
    assert network.output is not None
    spec = network.spec
    layers = spec.hidden if spec.decoder == "mirror" else tuple(reversed(spec.decoder_layers))
    init = layers[0].init if layers else "xavier"
    if init == "pca":
        start_backwards(network.output.linear, components, generator, centre=centre)
    else:
        start(network.output.linear, init, generator)


@torch.no_grad()
def _start_path(network: Network, generator: Generator, components: Tensor | None, centre: Tensor | None) -> None:
    """The linear path starts as principal components; the layers beside it start by adding nothing."""
    assert network.path_in is not None
    start(network.path_in, "pca", generator, components=components, centre=centre)
    nn.init.zeros_(network.code_layer.linear.weight)
    nn.init.zeros_(network.code_layer.linear.bias)
    if network.path_out is not None and network.output is not None:
        start_backwards(network.path_out, components, generator, centre=centre)
        nn.init.zeros_(network.output.linear.weight)
        nn.init.zeros_(network.output.linear.bias)


def _check_mask(network: NetworkSpec, n_inputs: int, mask: Tensor | None) -> None:
    if (network.gene_sets is None) != (mask is None):
        raise SpecError("A layer of gene sets needs the gene sets", None, "Give gene sets, or unset network.gene_sets")
    if mask is not None and tuple(mask.shape) != (network.hidden[0].units, n_inputs):
        wanted = f"{network.hidden[0].units} sets x {n_inputs} genes"
        raise SpecError("The gene sets do not fit the first layer", tuple(mask.shape), f"Give {wanted}")


def _check(network: NetworkSpec, objective: ObjectiveSpec, n_inputs: int, n_classes: int) -> None:
    if n_inputs < 1:
        raise SpecError("The network has no input", n_inputs, "Choose at least one gene")
    if (objective.classes or objective.proportions) and n_classes < 2:
        raise SpecError("The head needs at least two cell types", n_classes, "Use a reference with more labels")
    counts = objective.reconstruction is not None and objective.reconstruction.counts
    if counts and network.output_activation == "linear":
        raise SpecError("A count loss needs positive output", "linear", "Set network.output_activation to softplus")
    if network.library_size and not counts:
        raise SpecError("A library-size offset needs a loss of counts", None, "Set objective.reconstruction.loss")
    if network.encoder and network.code and network.code.init == "pca":
        raise SpecError("Only the first layer can start from principal components", "pca", "Use xavier or he here")
    head = objective.classes.hidden if objective.classes else ()
    own = network.decoder if network.decoder != "mirror" else ()
    if any(layer.init == "pca" for layer in (*own, *head)):
        raise SpecError("Only the first layer can start from principal components", "pca", "Use xavier or he here")
    fan_in = network.hidden[-2].units if len(network.hidden) > 1 else n_inputs
    if objective.orthogonality and network.code_units > fan_in:
        raise SpecError(
            "More code units than inputs cannot be kept orthogonal",
            network.code_units,
            f"Use at most {fan_in} code units, or set objective.orthogonality to 0",
        )
