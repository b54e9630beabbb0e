"""Settings given on the command line, put into a run's spec."""

from __future__ import annotations

import argparse

import yaml

from core.errors import SpecError
from core.specs import RunSpec, replaced

ROOTS = ("data", "features", "network", "objective", "training", "analysis")


def with_settings(spec: RunSpec, options: argparse.Namespace) -> RunSpec:
    """``spec`` with ``--set``, ``--seed``, ``--device`` and ``--threads`` applied.

    Raises
    ------
    SpecError
        If a path names no setting or a value does not fit.
    """
    for setting in options.settings:
        path, equals, text = setting.partition("=")
        if not equals or path.split(".")[0] not in ROOTS:
            raise SpecError("A setting cannot be read", setting, f"Use PATH=VALUE with a path below {', '.join(ROOTS)}")
        spec = replaced(spec, path, value_of(text))
    for path, value in (
        ("seed", options.seed),
        ("training.device", options.device),
        ("training.threads", options.threads),
    ):
        if value is not None:
            spec = replaced(spec, path, value)
    return spec


def value_of(text: str) -> object:
    """``text`` as YAML has it, so that [a, b], true and null mean what they say."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def completed(spec: RunSpec) -> tuple[RunSpec, list[str]]:
    """``spec`` with what its own parts make plain, and a sentence for each change."""
    if spec.features.rule == "gene_sets" and spec.data.gene_sets is None:
        features = spec.features.model_copy(update={"rule": "variable"})
        changed = spec.model_copy(update={"features": features})
        return changed, [f"No gene sets were given, so the {features.target:,} most variable genes are used."]
    return spec, []
