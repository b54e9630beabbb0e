"""Layers of a network by their place: copy one, take one out, write the decoder out."""

from __future__ import annotations

from typing import Any

from core.errors import SpecError
from core.specs.base import parse
from core.specs.network import LayerSpec, NetworkSpec
from core.specs.run import RunSpec


def layer_path(draft: RunSpec, name: str) -> str | None:
    """Path of the layer called ``name`` in the layer table, or ``None`` where it has no settings of its own.

    Mirrored layers have none, nor have the output and the last layer of a head.
    """
    group, _, number = name.partition(".")
    if name == "code":
        return "network.code" if draft.network.code else f"network.encoder.{len(draft.network.encoder) - 1}"
    if group == "encoder":
        return f"network.{name}"
    if group == "decoder" and draft.network.decoder != "mirror":
        return f"network.{name}"
    return f"objective.classes.hidden.{number}" if group == "classes" and number else None


def duplicated(draft: RunSpec, path: str) -> RunSpec:
    """``draft`` with the layer at ``path`` twice; a copy of the code becomes the last layer before it."""
    layers, number = _layers(draft, path)
    if path == "network.code":
        return _with(draft, "network.encoder", (*draft.network.encoder, layers[0]))
    copy = layers[number]
    if copy.init == "pca":
        copy = copy.model_copy(update={"init": "xavier"})  # only the first layer starts from components of the data
    return _with(draft, path, (*layers[: number + 1], copy, *layers[number + 1 :]))


def removed(draft: RunSpec, path: str) -> RunSpec:
    """``draft`` without the layer at ``path``.

    Raises
    ------
    SpecError
        If the network would have no layer left.
    """
    if path == "network.code":
        return _with(draft, path, None)
    layers, number = _layers(draft, path)
    return _with(draft, path, (*layers[:number], *layers[number + 1 :]))


def with_hidden(network: NetworkSpec, layers: tuple[LayerSpec, ...]) -> NetworkSpec:
    """``network`` with other layers from the input to the code.

    The last one is the code where there was one; layers added behind it come before it, and where it was taken out the
    network has none.
    """
    if network.code is None:
        return parse(NetworkSpec, network.model_copy(update={"encoder": layers}))
    before = network.hidden
    encoder, code = layers[:-1], layers[-1] if layers else None
    if len(layers) > len(before) and layers[: len(before)] == before:
        encoder, code = (*network.encoder, *layers[len(before) :]), network.code
    elif len(layers) < len(before) and (not layers or layers[-1] != network.code):
        encoder, code = layers, None
    return parse(NetworkSpec, network.model_copy(update={"encoder": encoder, "code": code}))


def with_mirror(network: NetworkSpec, mirror: bool) -> NetworkSpec:
    """``network`` whose decoder mirrors the encoder, or has the same layers as its own."""
    return network.model_copy(update={"decoder": "mirror" if mirror else network.decoder_layers})


def _layers(draft: RunSpec, path: str) -> tuple[tuple[LayerSpec, ...], int]:
    """The layers beside the one at ``path``, and its number among them."""
    if path == "network.code":
        if draft.network.code is None:
            raise SpecError("The network has no code layer of its own", None, "Choose another layer")
        return (draft.network.code,), 0
    if path.startswith("network.encoder."):
        return draft.network.encoder, int(path.rsplit(".", 1)[1])
    if path.startswith("network.decoder."):
        return draft.network.decoder_layers, int(path.rsplit(".", 1)[1])
    assert draft.objective.classes is not None
    return draft.objective.classes.hidden, int(path.rsplit(".", 1)[1])


def _with(draft: RunSpec, path: str, value: Any) -> RunSpec:
    """``draft`` with the group that holds the layer at ``path`` replaced."""
    part, name = path.split(".")[:2]
    if part == "network":
        return parse(RunSpec, draft.model_copy(update={"network": draft.network.model_copy(update={name: value})}))
    assert draft.objective.classes is not None
    classes = draft.objective.classes.model_copy(update={"hidden": value})
    return parse(
        RunSpec, draft.model_copy(update={"objective": draft.objective.model_copy(update={"classes": classes})})
    )
