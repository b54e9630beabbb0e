"""What a run is asked that uses a trained model in place of training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import SpecError
from core.model_header import USES, ModelHeader
from core.specs import SETTABLE, ModelSourceSpec, RunSpec, Spec, at, replaced_all

BROUGHT: Mapping[str, tuple[str, ...]] = {
    "annotate": ("query",),
    "deconvolve": ("bulk", "more_bulk", "truth", "samples"),
}
"""Parts of the data that a trained model is used on, by its task; the first one is needed."""

PLACE: Mapping[str, Any] = {"device": "cpu", "devices": 1}
"""Where cells are labelled, whatever the model was trained on: nothing else is to be asked of a cluster."""


def applied_spec(
    header: ModelHeader, model: ModelSourceSpec, brought: Mapping[str, Any], settings: Mapping[str, Any]
) -> RunSpec:
    """What a run is asked that uses a trained model: the model's settings and none of its files.

    Parameters
    ----------
    header
        The head of the model file.
    model
        Where the file lies.
    brought
        The data that the model is used on, by the name of their field: ``query``, or ``bulk``, ``more_bulk``,
        ``truth`` and ``samples``.
    settings
        Values by path, of those that a model leaves open.

    Raises
    ------
    SpecError
        If the model was trained for something else, or a setting is none that it leaves open.
    """
    header.require(*BROUGHT)
    task = header.spec.task
    if not set(brought) <= set(BROUGHT[task]) or BROUGHT[task][0] not in brought:
        wanted = "a query" if task == "annotate" else "bulk samples"
        raise SpecError(
            f"This model was trained to {USES[task]}, and needs {wanted}", sorted(brought), f"Give {wanted}"
        )
    spec = with_settings(header.spec, settings)
    learned = ("reference", "more_references", "types", "bridge", *BROUGHT[task], *spec.unopened)
    data = spec.data.without(*learned).model_copy(update={**brought, "model": model})
    training = spec.training.model_copy(update=PLACE)
    # the name is that of the training
    return spec.model_copy(update={"data": data, "training": training, "name": ""})


def brought_by(spec: RunSpec) -> dict[str, Any]:
    """The data that ``spec`` uses a model on, by the name of their field."""
    return {name: getattr(spec.data, name) for name in BROUGHT[spec.task]}


def left_open(spec: RunSpec) -> dict[str, Any]:
    """What ``spec`` says of the settings that a model leaves open, by path, as plain values."""
    found = {path: at(spec, path) for path in SETTABLE[spec.task]}
    return {path: value.model_dump() if isinstance(value, Spec) else value for path, value in found.items()}


def with_settings(spec: RunSpec, settings: Mapping[str, Any]) -> RunSpec:
    """``spec`` of a trained model with ``settings`` by path.

    Raises
    ------
    SpecError
        If one of them is none that a model leaves open.
    """
    for path in settings:
        if not path.startswith(SETTABLE[spec.task]):
            remedy = f"Set something below {' or '.join(SETTABLE[spec.task])}, or train again"
            raise SpecError("A trained model brings its own settings", path, remedy)
    return replaced_all(spec, settings) if settings else spec
