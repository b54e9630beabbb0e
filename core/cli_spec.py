"""Settings given on the command line, put into a run's spec."""

from __future__ import annotations

import argparse

import yaml

from core.errors import SpecError
from core.specs import RunSpec
from core.specs.base import replaced_all

RECIPE_FILES = (".yaml", ".yml", ".json")
ROOTS = ("data", "features", "network", "objective", "training", "analysis")


def with_settings(spec: RunSpec, options: argparse.Namespace) -> RunSpec:
    """``spec`` with ``--set``, ``--seed``, ``--device`` and ``--threads`` applied, all at once: their order is free.

    Raises
    ------
    SpecError
        If a path names no setting or a value does not fit.
    """
    values = settings_of(options)
    own = {"seed": options.seed, "training.device": options.device, "training.threads": options.threads}
    return replaced_all(spec, values | {path: value for path, value in own.items() if value is not None})


def settings_of(options: argparse.Namespace) -> dict[str, object]:
    """The values that ``--set`` gives, by path.

    Raises
    ------
    SpecError
        If one of them is no PATH=VALUE.
    """
    values: dict[str, object] = {}
    for setting in options.settings:
        path, equals, text = setting.partition("=")
        if not equals or path.split(".")[0] not in ROOTS:
            raise SpecError("A setting cannot be read", setting, f"Use PATH=VALUE with a path below {', '.join(ROOTS)}")
        values[path] = value_of(text)
    return values


def value_of(text: str) -> object:
    """``text`` as YAML has it, so that [a, b], true and null mean what they say."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date or number that is none
        return text


def completed(spec: RunSpec) -> tuple[RunSpec, list[str]]:
    """``spec`` with what its own parts make plain, and a sentence for each change.

    Raises
    ------
    SpecError
        If a part is missing that nothing else makes plain, or two parts cannot be trained together.
    """
    spec.require_runnable()
    if spec.features.rule == "gene_sets" and spec.data.gene_sets is None:
        features = spec.features.model_copy(update={"rule": "variable"})
        changed = spec.model_copy(update={"features": features})
        return changed, [f"No gene sets were given, so the {features.target:,} most variable genes are used."]
    return spec, []
