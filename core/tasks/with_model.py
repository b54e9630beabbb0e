"""What a run is asked that uses a trained model in place of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import SpecError
from core.model_header import ModelHeader
from core.specs import SETTABLE, ModelSourceSpec, RunSpec, SourceSpec, Spec, at, replaced_all

PLACE: Mapping[str, Any] = {"device": "cpu", "devices": 1}
"""Where cells are labelled, whatever the model was trained on: nothing else is to be asked of a cluster."""


def applied_spec(
    header: ModelHeader, model: ModelSourceSpec, query: SourceSpec, settings: Mapping[str, Any]
) -> RunSpec:
    """What a run is asked that labels ``query`` with a trained model: the model's settings and none of its files.

    Parameters
    ----------
    header
        The head of the model file.
    model
        Where the file lies.
    query
        The cells.
    settings
        Values by path, of those that a model leaves open.

    Raises
    ------
    SpecError
        If the model was trained for something else, or a setting is none that it leaves open.
    """
    header.require_labels()
    spec = with_settings(header.spec, settings)
    without = dict.fromkeys(("reference", "types", "bridge", *spec.unopened))
    data = spec.data.model_copy(update={**without, "more_references": (), "query": query, "model": model})
    training = spec.training.model_copy(update=PLACE)
    # the name is that of the training
    return spec.model_copy(update={"data": data, "training": training, "name": ""})


def left_open(spec: RunSpec) -> dict[str, Any]:
    """What ``spec`` says of the settings that a model leaves open, by path, as plain values."""
    found = {path: at(spec, path) for path in SETTABLE}
    return {path: value.model_dump() if isinstance(value, Spec) else value for path, value in found.items()}


def with_settings(spec: RunSpec, settings: Mapping[str, Any]) -> RunSpec:
    """``spec`` of a trained model with ``settings`` by path.

    Raises
    ------
    SpecError
        If one of them is none that a model leaves open.
    """
    for path in settings:
        if not path.startswith(SETTABLE):
            remedy = f"Set something below {' or '.join(SETTABLE)}, or train again"
            raise SpecError("A trained model brings its own settings", path, remedy)
    return replaced_all(spec, settings) if settings else spec
