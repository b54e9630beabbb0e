"""A trained model on the command line: what its run is asked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli_spec import settings_of
from core.data.fingerprint import fingerprint
from core.errors import SpecError
from core.model_header import ModelHeader
from core.specs import DataSpec, ModelSourceSpec, RunSpec, replaced, replaced_all
from core.tasks.with_model import applied_spec

DATA = "data."
TRAINED_WITH = ("reference", "labels", "bridge", "types", "recipe")
"""Options that a model brings along."""


def model_spec(options: argparse.Namespace, brought: dict[str, Any]) -> RunSpec:
    """The run that uses the model that the options name.

    Parameters
    ----------
    options
        The parsed command line; ``--set`` says how the data are read, and what a model leaves open.
    brought
        The data by the name of their field: ``query``, or ``bulk``, ``more_bulk`` and ``truth``.

    Raises
    ------
    RunError
        If the file is no model.
    SpecError
        If an option, or a setting, is one that the model brings along.
    """
    if any(getattr(options, name, None) for name in TRAINED_WITH):
        remedy = "Leave out --reference, --labels, --bridge, --types and --recipe"
        raise SpecError("A trained model brings its own reference", options.model, remedy)
    if options.seed is not None:
        raise SpecError("A trained model brings its own seed", options.seed, "Leave out --seed")
    path = Path(options.model).expanduser().resolve()  # run.json is read from other folders as well
    of_data: dict[str, Any] = {}
    of_model: dict[str, Any] = {}
    for setting, value in settings_of(options).items():
        to = of_data if setting.removeprefix(DATA).split(".")[0] in brought and setting.startswith(DATA) else of_model
        to[setting.removeprefix(DATA) if to is of_data else setting] = value
    header = ModelHeader.read(path)
    source = ModelSourceSpec(path=str(path), fingerprint=fingerprint(path))
    if of_data:
        read = replaced_all(DataSpec(**brought), of_data)
        brought = {name: getattr(read, name) for name in brought}
    spec = applied_spec(header, source, brought, of_model)
    # a model from a larger machine would ask for more threads than there are here
    return replaced(spec, "training.threads", options.threads or 1)
