"""The verb search: what varies and how, from flags and a file; the trials as they end; the best at last."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import yaml

from core.cli_spec import completed, value_of
from core.errors import RunError, SpecError
from core.specs import RunSpec, SearchSpec, parse
from core.workspace import prepare_process

if TYPE_CHECKING:
    from core.search.folder import Search

INTERRUPTED = 130
FORMS = "log:LOW:HIGH, range:LOW:HIGH[:STEP] or A,B,C"
FLAGS = ("trials", "sampler", "metric", "epochs", "parallel", "repeats")


def add_search_options(verb: argparse.ArgumentParser) -> None:
    """Add to ``verb`` what a search of it asks for."""
    verb.add_argument(
        "--dimension",
        action="append",
        default=[],
        metavar="PATH=VALUES",
        dest="dimensions",
        help=f"a setting to vary: {FORMS}",
    )
    verb.add_argument("--search", metavar="YAML", help="a file with the search's settings; flags count more")
    verb.add_argument("--trials", type=int, help="how many settings are tried; default 20")
    verb.add_argument("--sampler", choices=["tpe", "random", "grid"], help="default tpe")
    verb.add_argument("--metric", help="validation value that judges trials, such as macro_f1; default loss")
    verb.add_argument("--epochs", type=int, help="a limit for trials alone")
    verb.add_argument("--parallel", type=int, help="trials at the same time; default 1")
    verb.add_argument("--repeats", type=int, help="runs of the best trial with other seeds; default 0")
    verb.add_argument("--search-seed", type=int, help="of the choice of settings; default 0")
    verb.add_argument("--no-pruning", action="store_true", help="train every trial to its end")


def search_here(options: argparse.Namespace, base: RunSpec) -> int:
    """Make the search of ``base`` that ``options`` ask for, or go on with it where it was cut off; 0 when it is done.

    An interrupt from the keyboard stops the trials that train and keeps where they stand.
    """
    base, notes = completed(base)
    search = _in_folder(Path(options.out), search_spec(options), base)
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
    prepare_process(1)
    from core.search.worker import execute

    before = signal.signal(signal.SIGINT, lambda *_: search.request_stop())
    try:
        execute(search, sys.stderr)
    finally:
        signal.signal(signal.SIGINT, before)
    if search.status.state == "stopped":
        sys.stderr.write("\nStopped. The same command goes on with it.\n")
        return INTERRUPTED
    show(search, sys.stdout)
    sys.stdout.write(f"{search.directory}\n")
    return 0


def search_spec(options: argparse.Namespace) -> SearchSpec:
    """The search in the file of ``--search``, with the flags on top of it.

    Raises
    ------
    SpecError
        If the file cannot be read, a flag says nothing, or a value does not fit.
    """
    values: dict[str, Any] = _file(Path(options.search)) if options.search else {}
    if options.dimensions:
        values["dimensions"] = [dimension(text) for text in options.dimensions]
    values.setdefault("dimensions", [])
    values |= {name: getattr(options, name) for name in FLAGS if getattr(options, name) is not None}
    if options.search_seed is not None:
        values["seed"] = options.search_seed
    if options.no_pruning:
        values["pruning"] = None
    return parse(SearchSpec, values)


def dimension(text: str) -> dict[str, Any]:
    """A dimension as a flag has it: ``training.learning_rate=log:1e-4:1e-2``, ``network.code.units=16,32,64``.

    Raises
    ------
    SpecError
        If it cannot be read.
    """
    path, equals, rest = text.partition("=")
    if not equals or not rest:
        raise SpecError("A dimension cannot be read", text, f"Use PATH={FORMS}")
    kind, _, ends = rest.partition(":")
    if kind not in ("log", "range"):
        listed = value_of(rest if rest.startswith("[") else f"[{rest}]")
        return {"path": path, "kind": "choices", "choices": listed if isinstance(listed, list) else [listed]}
    numbers = [_number(part, text) for part in ends.split(":")]
    if len(numbers) not in ((2,) if kind == "log" else (2, 3)):
        raise SpecError("A range has two ends", text, f"Use PATH={FORMS}")
    step = {"step": numbers[2]} if len(numbers) > 2 else {}
    return {"path": path, "kind": "range", "low": numbers[0], "high": numbers[1], "log": kind == "log", **step}


def show(search: Search, out: TextIO) -> None:
    """Write the table of trials, the best of them, and what its value is worth."""
    from core.search.report import OPTIMISTIC, say, spread, trial_table
    from core.search.trial import best

    spec, trials = search.spec, search.trials()
    table = trial_table(spec, trials).drop(columns=["seed", "run", "reason"])
    out.write(f"{table.to_string(index=False, na_rep='')}\n\n")
    found = best(trials, spec)
    if found is None:
        out.write("No trial has completed.\n")
        return
    out.write(f"best: {say(found, spec)}\n")
    again = spread(trials, found.number)
    if again["mean"] is not None:
        sd = "" if again["sd"] is None else f", standard deviation {again['sd']:.3g}"
        out.write(f"with {len(again['values'])} other seeds: mean {again['mean']:.5g}{sd}\n")
    out.write(f"{OPTIMISTIC}\n")


def _in_folder(out: Path, spec: SearchSpec, base: RunSpec) -> Search:
    """A search in ``out``: new, or the same one to go on with; more repeats may be asked of it."""
    from core.search.folder import Search

    search = Search(out)
    if not search.spec_path.exists():
        return Search.create(out, spec, base)
    if search.base != base or search.spec.model_copy(update={"repeats": spec.repeats}) != spec:
        raise RunError(
            "The folder already holds another search", str(out), "Choose another --out, or remove the folder"
        )
    if search.status.active and search.status.pid:
        raise RunError("This search is already going on", str(out), "Wait for it, or choose another --out")
    if search.spec != spec:
        search.repeat(spec.repeats)
    search.stop_path.unlink(missing_ok=True)
    return search


def _file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SpecError("The search file is not there", str(path), "Check the path")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError("The search file cannot be read", str(path), f"Write it as YAML: {error}") from None
    if not isinstance(values, dict):
        raise SpecError("The search file holds no settings", str(path), "Begin with dimensions:")
    return values


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SpecError("The end of a range is not a number", whole, f"Use PATH={FORMS}") from None
