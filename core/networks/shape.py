"""Sizes by arithmetic alone: layer table, number of weights, memory. Builds nothing and needs no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec

BYTES = 4
OPTIMISER_COPIES = {"sgd": 1, "nesterov": 1, "adam": 2, "adamw": 2, "rmsprop": 2}


def layer_table(
    network: NetworkSpec, objective: ObjectiveSpec, n_inputs: int, n_classes: int, joined: int | None = None
) -> list[dict[str, Any]]:
    """One row for each layer, in the order of the data.

    Parameters
    ----------
    network, objective
        Layers; heads.
    n_inputs, n_classes
        Genes (or components) of the input; cell types.
    joined
        Gene-to-set pairs of a first layer of gene sets, each a weight; ``None`` counts every gene for every unit.

    Returns
    -------
    Rows with layer (its name), kind (encoder, code, decoder, output, class, proportion), inputs, units, activation,
    dropout (share), norm, init, weights (learned numbers; those of the input norm count with the first layer, the
    linear path, dispersions, odds of zeros and the deviation of a variational code with the layer they end in), parts
    (what else is special about it, in words).
    """
    rows, width = [], n_inputs
    for number, layer in enumerate(network.hidden):
        last = number == len(network.hidden) - 1
        dense = width * layer.units
        pairs = joined if network.gene_sets and number == 0 and joined is not None else dense
        extra = 2 * n_inputs if network.input_norm and number == 0 else 0
        extra += (n_inputs + 1) * layer.units if network.linear_path and last else 0
        extra += pairs - dense + (pairs + layer.units if objective.variational and last else 0)
        parts = ["gene sets"] if network.gene_sets and number == 0 else []
        parts += ["variational"] if objective.variational and last else []
        name, kind = ("code", "code") if last else (f"encoder.{number}", "encoder")
        rows.append(_row(name, kind, width, layer, extra, parts))
        width = layer.units
    code = width
    if objective.reconstruction:
        for number, layer in enumerate(network.decoder_layers):
            rows.append(_row(f"decoder.{number}", "decoder", width, layer))
            width = layer.units
        extra = n_inputs if objective.reconstruction.dispersed else 0
        extra += (width + 1) * n_inputs if objective.reconstruction.zero_inflated else 0
        extra += (code + 1) * n_inputs if network.linear_path else 0
        parts = ["x library size"] if network.library_size else []
        parts += ["with odds of a zero"] if objective.reconstruction.zero_inflated else []
        rows.append(_plain("output", "output", width, n_inputs, network.output_activation, extra=extra, parts=parts))
    if objective.classes:
        width = code
        for number, layer in enumerate(objective.classes.hidden):
            rows.append(_row(f"classes.{number}", "class", width, layer))
            width = layer.units
        rows.append(_plain("classes", "class", width, n_classes, "softmax"))
    if objective.proportions:
        norm = "batch" if objective.proportions.batch_norm else "none"
        rows.append(_plain("proportions", "proportion", code, n_classes, "softmax", norm=norm))
    return rows


def count_weights(
    network: NetworkSpec, objective: ObjectiveSpec, n_inputs: int, n_classes: int, joined: int | None = None
) -> int:
    """Learned numbers of the whole network; parameters as in :func:`layer_table`."""
    return sum(row["weights"] for row in layer_table(network, objective, n_inputs, n_classes, joined))


def memory_bytes(
    network: NetworkSpec,
    objective: ObjectiveSpec,
    n_inputs: int,
    n_classes: int,
    *,
    batch_size: int = 128,
    optimiser: str = "adam",
) -> int:
    """Bytes that training takes beside the data: an estimate from the layer table.

    Weights, gradients and the optimiser's copies; a second set of weights and optimiser copies to resume from and a
    third set of weights for the best epoch; per cell of a batch the input, and three values per unit (before and
    behind the activation, and the gradient).
    """
    rows = layer_table(network, objective, n_inputs, n_classes)
    copies = OPTIMISER_COPIES[optimiser]
    weights = sum(row["weights"] for row in rows) * (4 + 2 * copies)
    activations = batch_size * (n_inputs + 3 * sum(row["units"] for row in rows))
    return BYTES * (weights + activations)


def components_needed(network: NetworkSpec) -> int:
    """Number of principal components of the training data that ``build`` needs; 0 for none."""
    first = network.hidden[0]
    return max(first.units if first.init == "pca" else 0, network.code_units if network.linear_path else 0)


def _row(
    name: str, kind: str, width: int, layer: LayerSpec, extra: int = 0, parts: Sequence[str] = ()
) -> dict[str, Any]:
    return _plain(
        name,
        kind,
        width,
        layer.units,
        layer.activation,
        norm=layer.norm,
        dropout=layer.dropout,
        init=layer.init,
        extra=extra,
        parts=parts,
    )


def _plain(
    name: str,
    kind: str,
    width: int,
    units: int,
    activation: str,
    *,
    norm: str = "none",
    dropout: float = 0.0,
    init: str = "xavier",
    extra: int = 0,
    parts: Sequence[str] = (),
) -> dict[str, Any]:
    weights = (width + 1) * units + (0 if norm == "none" else 2 * units) + extra
    return {
        "layer": name,
        "kind": kind,
        "inputs": width,
        "units": units,
        "activation": activation,
        "dropout": dropout,
        "norm": norm,
        "init": init,
        "weights": weights,
        "parts": list(parts),
    }
