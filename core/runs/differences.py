"""What sets runs apart: the settings that differ, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from core.specs import RunSpec, Spec

MISSING = object()
UNSEEN = ("name", "recipe")
LAYERS = ("network.encoder", "network.decoder", "objective.classes.hidden")
PREFIXES = {
    "code": "code",
    "reconstruction": "rebuilding",
    "classes": "cell types",
    "proportions": "proportions",
    "reference": "reference",
    "query": "query",
    "bulk": "bulk",
}
"""Groups whose name is said with each of their settings; the others' titles are plain enough alone."""

BY_MODEL = "trained model"


def what_differs(specs: Sequence[RunSpec]) -> list[str]:
    """For each of ``specs`` the settings in which it differs from others of the same recipe and task.

    Runs that used a trained model are compared with each other alone: they have no training of their own.

    Returns
    -------
    One sentence part for each spec, such as ``code units 32, batch size 64``; empty where nothing differs.
    """
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for number, spec in enumerate(specs):
        groups.setdefault((spec.recipe, spec.task, spec.data.model is not None), []).append(number)
    words = [""] * len(specs)
    for (*_, by_model), members in groups.items():
        for number, found in zip(members, differences([specs[each] for each in members]), strict=True):
            parts = [said(path, value) for path, value in found.items()]
            words[number] = ", ".join([BY_MODEL, *parts] if by_model else parts)
    return words


def differences(specs: Sequence[RunSpec]) -> list[dict[str, Any]]:
    """For each spec its values of the settings that are not the same in all of them, by path."""
    flat = [_flat(spec.model_dump(mode="json")) for spec in specs]
    _shorten(flat)
    paths = dict.fromkeys(path for values in flat for path in values)
    differing = [path for path in paths if len({repr(values.get(path, MISSING)) for values in flat}) > 1]
    # a part that some have and others have not is said once, not setting by setting
    groups = [path for path in differing if any(other.startswith(f"{path}.") for other in differing)]
    for values in flat:
        values.update({path: path not in values for path in groups})
    differing = [path for path in differing if not any(path.startswith(f"{group}.") for group in groups)]
    return [{path: values[path] for path in differing if path in values} for values in flat]


def said(path: str, value: Any) -> str:
    """A setting and its value in words: ``code units 32``, ``linear path on``."""
    return f"{setting_title(path)} {_value(value)}"


def setting_title(path: str) -> str:
    """The title of the setting at ``path`` in a sentence, with the layer or head it belongs to."""
    kind: Any = RunSpec
    title, before = path, ""
    steps = path.split(".")
    for place, step in enumerate(steps):
        if step.isdigit():
            before = (
                f"{'decoder ' if 'decoder' in steps else 'head ' if 'hidden' in steps else ''}layer {int(step) + 1}"
            )
            continue
        field = next((each.model_fields[step] for each in _specs(kind) if step in each.model_fields), None)
        if field is None:
            return path
        title, kind = field.title or step, field.annotation
        if place < len(steps) - 1:
            before = PREFIXES.get(step, before)
    plain = title[:1].lower() + title[1:] if title[1:2].islower() else title
    return f"{before} {plain}".strip()


def _specs(annotation: Any) -> list[type[Spec]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Spec) else []
    return [found for part in get_args(annotation) for found in _specs(part)]


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    """Path -> value of every leaf; an empty group is a leaf of its own."""
    if isinstance(tree, dict):
        named = {f"{path}.{name}" if path else name: value for name, value in tree.items()}
        kept = {name: value for name, value in named.items() if not _unseen(name)}
        return {leaf: value for name, branch in kept.items() for leaf, value in _flat(branch, name).items()}
    if isinstance(tree, list) and tree and isinstance(tree[0], dict):
        return {leaf: value for at, each in enumerate(tree) for leaf, value in _flat(each, f"{path}.{at}").items()}
    return {path: tree}


def _unseen(path: str) -> bool:
    return path in UNSEEN or path.endswith(".fingerprint")


def _shorten(flat: list[dict[str, Any]]) -> None:
    """Say the widths of all layers in one word where their number differs."""
    for group in LAYERS:
        widths = [
            [v for p, v in values.items() if p.startswith(f"{group}.") and p.endswith(".units")] for values in flat
        ]
        if len({len(each) for each in widths}) < 2:
            continue
        for values, units in zip(flat, widths, strict=True):
            for path in [path for path in values if path.startswith(f"{group}.")]:
                del values[path]
            values[group] = values.get(group) or units


def _value(value: Any) -> str:
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return "-".join(str(each) for each in value) if len(value) < 6 else f"{len(value)} entries"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return Path(value).name if "/" in value else str(value).replace("_", " ")
