"""A trained model on the command line: what its run is asked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli_spec import settings_of
from core.data.fingerprint import fingerprint
from core.errors import SpecError
from core.model_header import ModelHeader
from core.specs import ModelSourceSpec, RunSpec, SourceSpec, replaced, replaced_all
from core.tasks.with_model import applied_spec

OF_THE_QUERY = "data.query."
TRAINED_WITH = ("reference", "labels", "bridge", "recipe")
"""Options that a model brings along."""


def model_spec(options: argparse.Namespace, query: SourceSpec) -> RunSpec:
    """The run that labels ``query`` with the model that the options name.

    Parameters
    ----------
    options
        The parsed command line; ``--set`` says how the query is read, and what a model leaves open.
    query
        The file of the query.

    Raises
    ------
    RunError
        If the file is no model.
    SpecError
        If an option, or a setting, is one that the model brings along.
    """
    if any(getattr(options, name) for name in TRAINED_WITH):
        remedy = "Leave out --reference, --labels, --bridge and --recipe"
        raise SpecError("A trained model brings its own reference", options.model, remedy)
    if options.seed is not None:
        raise SpecError("A trained model brings its own seed", options.seed, "Leave out --seed")
    path = Path(options.model).expanduser().resolve()  # run.json is read from other folders as well
    of_query: dict[str, Any] = {}
    of_model: dict[str, Any] = {}
    for setting, value in settings_of(options).items():
        to = of_query if setting.startswith(OF_THE_QUERY) else of_model
        to[setting.removeprefix(OF_THE_QUERY)] = value
    header = ModelHeader.read(path)
    source = ModelSourceSpec(path=str(path), fingerprint=fingerprint(path))
    spec = applied_spec(header, source, replaced_all(query, of_query) if of_query else query, of_model)
    # a model from a larger machine would ask for more threads than there are here
    return replaced(spec, "training.threads", options.threads or 1)
