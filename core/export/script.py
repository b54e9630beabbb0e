"""The same analysis without a browser: the command line and a Python script."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from core.errors import SpecError
from core.export.recipe_file import differences, one_line, to_yaml
from core.specs import ROLES, SETTABLE, BridgeSourceSpec, ModelSourceSpec, RunSpec, SourceSpec, Spec, at, replaced
from core.specs.several import FURTHER, files

_FLAGS = {"represent": ("data", ""), "annotate": ("reference", "query"), "deconvolve": ("reference", "bulk")}
_FLAGS["evaluate"] = ("data", "")
_OWN_FLAGS = {"seed": "--seed", "training.device": "--device", "training.threads": "--threads"}
_NOT_SETTINGS = ("recipe", "name")


def command(spec: RunSpec, default: RunSpec, out: str) -> str:
    """The ``python -m core`` line that repeats a run.

    Parameters
    ----------
    spec
        The run.
    default
        Its recipe's own settings for the same task; every setting that differs becomes a ``--set``.
    out
        Folder for the results.

    Raises
    ------
    SpecError
        If the run names no reference, or no query or bulk samples where its task needs them.
    """
    if spec.data.model is not None:
        return _with_model(spec, spec.data.model, out)
    if spec.task != default.task:
        raise SpecError("The recipe is of another task", default.task, f"Use its settings for {spec.task}")
    return " \\\n  ".join(
        [f"python -m core {spec.task}", *_sources(spec), *_settings(spec, default), f"--out {shlex.quote(out)}"]
    )


def script(spec: RunSpec, out: str, *, title: str = "") -> str:
    """A Python script that runs the analysis and opens its results; the settings lie inside it as a recipe."""
    table = {"represent": "code", "annotate": "annotation", "deconvolve": "composition", "evaluate": "evaluation"}[
        spec.task
    ]
    recipe = to_yaml(spec).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return _SCRIPT.format(title=title or spec.name or f"CellDesk: {spec.task}", recipe=recipe, out=out, table=table)


def baseline(spec: RunSpec, default: RunSpec) -> RunSpec:
    """``default`` with the files that the flags of ``command`` name, before any ``--set``."""
    _, second = _FLAGS[spec.task]
    data: dict[str, Any] = {}
    for role in ("reference", second):
        sources = _flagged(spec, role)
        if sources:
            labelled = role == "reference" and _takes_labels(spec)
            plain = [
                SourceSpec(path=each.path, label_column=each.label_column if labelled else None) for each in sources
            ]
            data |= {role: plain[0]} | ({FURTHER[role]: tuple(plain[1:])} if len(plain) > 1 else {})
    if spec.task == "deconvolve" and spec.data.more_references:
        data["types"] = spec.data.types
    if spec.task == "represent" and spec.data.gene_sets:
        data["gene_sets"] = spec.data.gene_sets
    if spec.task == "annotate" and spec.data.bridge:
        data["bridge"] = BridgeSourceSpec(path=spec.data.bridge.path)
    return default.model_copy(update={"data": default.data.model_copy(update=data)})


def _with_model(spec: RunSpec, model: ModelSourceSpec, out: str) -> str:
    """The line that uses a trained model; what the model leaves open is said in full."""
    flags, plain = _brought(spec)
    start = spec.model_copy(update={"data": spec.data.model_copy(update=plain)})
    read = {path: value for path, value in differences(spec, start).items() if _is_setting(path)}
    values = read | {path: at(spec, path) for path in SETTABLE[spec.task]}
    said = {path: value.model_dump(mode="json") if isinstance(value, Spec) else value for path, value in values.items()}
    return " \\\n  ".join(
        [
            f"python -m core {spec.task} --model {shlex.quote(model.path)}",
            *flags,
            f"--threads {spec.training.threads}",
            *(f"--set {shlex.quote(f'{path}={one_line(value)}')}" for path, value in said.items()),
            f"--out {shlex.quote(out)}",
        ]
    )


def _brought(spec: RunSpec) -> tuple[list[str], dict[str, Any]]:
    """The flags of what a model is used on, and the same as the command line reads it before any setting."""
    _, role = _FLAGS[spec.task]
    source = getattr(spec.data, role)
    if source is None:
        raise SpecError(f"The run names no {role} file", None, "Choose one on the Models page")
    sources = _flagged(spec, role)
    bare = tuple(SourceSpec(path=each.path) for each in sources)
    flags = [f"--{role} {_quoted(each.path for each in sources)}"]
    plain: dict[str, Any] = {role: bare[0]} | ({"more_bulk": bare[1:]} if role == "bulk" else {})
    if spec.data.truth:
        flags.append(f"--truth {shlex.quote(spec.data.truth)}")
    if spec.data.samples:
        flags.append(f"--samples {shlex.quote(spec.data.samples)}")
    return flags, plain


def _sources(spec: RunSpec) -> list[str]:
    first, second = _FLAGS[spec.task]
    reference = spec.data.reference
    if reference is None:
        raise SpecError("The run names no file to learn from", None, "Choose a reference on the Data page")
    references = _flagged(spec, "reference")
    flags = [f"--{first} {_quoted(each.path for each in references)}"]
    if _takes_labels(spec):
        flags[0] += f" --labels {_quoted(_labels(references))}"
    if len(references) > 1 and spec.data.types:
        flags.append(f"--types {shlex.quote(spec.data.types)}")
    if second:
        sources = _flagged(spec, second)
        if not sources:
            raise SpecError(f"The run names no {second} file", None, "Choose one on the Data page")
        flags.append(f"--{second} {_quoted(each.path for each in sources)}")
    if spec.task == "represent" and spec.data.gene_sets:
        flags.append(f"--gene-sets {shlex.quote(spec.data.gene_sets)}")
    if spec.task == "annotate" and spec.data.bridge:
        flags.append(f"--bridge {shlex.quote(spec.data.bridge.path)}")
    return flags


def _flagged(spec: RunSpec, role: str) -> tuple[SourceSpec, ...]:
    """Files of ``role`` that have a flag: all of those that a composition reads, one file for other tasks."""
    found = [each for known in ROLES if known == role for each in files(spec.data, known)]
    return tuple(found if spec.task == "deconvolve" else found[:1])


def _labels(references: Sequence[SourceSpec]) -> list[str]:
    """The column of labels of each reference, once where it is the same in all."""
    columns = []
    for reference in references:
        if not reference.label_column:
            raise SpecError(
                "The run names no column of labels", reference.path, "Choose the cell types on the Data page"
            )
        columns.append(reference.label_column)
    return columns[:1] if len(set(columns)) == 1 else columns


def _quoted(words: Iterable[str]) -> str:
    return " ".join(map(shlex.quote, words))


def _is_setting(path: str) -> bool:
    return path not in _NOT_SETTINGS and not path.endswith(".fingerprint")


def _settings(spec: RunSpec, default: RunSpec) -> list[str]:
    start = baseline(spec, default)
    found = {path: value for path, value in differences(spec, start).items() if _is_setting(path)}
    flags = [f"--recipe {shlex.quote(default.recipe)}"] if default.recipe else []
    flags += [f"{flag} {found.pop(path)}" for path, flag in _OWN_FLAGS.items() if path in found]
    for path, value in _in_order(found, start):
        if path == "data":
            raise SpecError(
                "The run reads other kinds of files than its recipe",
                path,
                "Use the recipe file in place of the command",
            )
        flags.append(f"--set {shlex.quote(f'{path}={one_line(value)}')}")
    return flags


def _in_order(found: dict[str, Any], start: RunSpec) -> list[tuple[str, Any]]:
    """The settings in an order in which each can be applied, since each is checked against the others at once."""
    left, ordered, spec = dict(found), [], start
    while left:
        for path, value in left.items():
            try:
                spec = replaced(spec, path, value)
            except SpecError:
                continue
            ordered.append((path, left.pop(path)))
            break
        else:
            raise SpecError(
                "These settings depend on each other", ", ".join(left), "Use the recipe file in place of the command"
            )
    return ordered


def _takes_labels(spec: RunSpec) -> bool:
    return spec.task != "represent"


_SCRIPT = '''\
"""{title}

Repeats the analysis with the same settings and the same seed. Run it where CellDesk is installed:
    python analysis.py
"""

import subprocess
import sys
from pathlib import Path

import anndata
import pandas as pd

OUT = Path({out!r})
RECIPE = """\\
{recipe}"""


def main() -> None:
    """Train, write the results into OUT, and show the first rows."""
    recipe = OUT.with_suffix(".yaml")
    recipe.parent.mkdir(parents=True, exist_ok=True)
    recipe.write_text(RECIPE, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "core", "run", str(recipe), "--out", str(OUT)], check=True)
    print(pd.read_csv(OUT / "{table}.csv").head())
    if (OUT / "results.h5ad").exists():
        print(anndata.read_h5ad(OUT / "results.h5ad"))


if __name__ == "__main__":
    main()
'''
