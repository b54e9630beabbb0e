"""The command line: verbs that train, verbs that look at a finished run, search, run and app."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli_activity import add_activity
from core.cli_bridge import bridge_of
from core.cli_cluster import check_where, run_on_cluster
from core.cli_compare import add_compare
from core.cli_evidence import add_evidence
from core.cli_genes import add_genes
from core.cli_groups import add_groups
from core.cli_impact import add_impact
from core.cli_options import (
    USER_MISTAKE,
    Parser,
    add_verb,
    annotate_files,
    deconvolve_files,
    evaluate_files,
    represent_files,
)
from core.cli_search import add_search_options, search_here
from core.cli_spec import RECIPE_FILES, completed, with_settings
from core.cli_units import add_units
from core.errors import AppError, RunError, SpecError
from core.recipes import DEFAULTS, OVER_A_BRIDGE, experiments_of, recipe
from core.runs.launch import Where, warm_up
from core.runs.run import Run
from core.specs import RunSpec, SourceSpec, replaced
from core.workspace import prepare_process

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run one verb; 0 when it is done, 2 after a mistake of the user with its message on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options)
    except AppError as error:
        sys.stderr.write(f"\n{error}\n")
        return USER_MISTAKE
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return INTERRUPTED


def _app(options: argparse.Namespace) -> int:
    home = Path(__file__).parents[1]
    command = [sys.executable, "-m", "streamlit", "run", str(home / "app.py"), "--server.address", "127.0.0.1"]
    if options.port:
        command += ["--server.port", str(options.port)]
    if options.no_browser:
        command += ["--server.headless", "true"]
    warm_up()
    os.chdir(home)
    os.execv(command[0], command)  # the server takes this process's place, so a signal reaches it


def _represent(options: argparse.Namespace) -> int:
    spec = _recipe(options, "represent")
    return _train(options, spec, gene_sets=options.gene_sets, reference=_source(options.data))


def _annotate(options: argparse.Namespace) -> int:
    if options.model:
        from core.cli_model import model_spec

        return _execute(options, model_spec(options, {"query": _source(options.query)}))
    _require(options, "reference", "labels")
    bridge = bridge_of(options, _existing)
    if bridge and not options.recipe:
        options.recipe = OVER_A_BRIDGE
    spec = _recipe(options, "annotate")
    reference = _source(options.reference, options.labels)
    return _train(options, spec, reference=reference, query=_source(options.query), bridge=bridge)


def _deconvolve(options: argparse.Namespace) -> int:
    bulk = [_source(path) for path in options.bulk]
    brought: dict[str, Any] = {"bulk": bulk[0], "more_bulk": tuple(bulk[1:])}
    for name in ("truth", "samples"):
        if path := getattr(options, name):
            brought[name] = str(_existing(path))
    if options.model:
        from core.cli_model import model_spec

        return _execute(options, model_spec(options, brought))
    _require(options, "reference", "labels")
    spec = _recipe(options, "deconvolve")
    references, labels = options.reference, options.labels
    if len(labels) not in (1, len(references)):
        raise SpecError("References and label columns differ in number", labels, "Give one column, or one for each")
    labels = labels * len(references) if len(labels) == 1 else labels
    sources = [_source(path, column) for path, column in zip(references, labels, strict=True)]
    data = {"reference": sources[0], "more_references": tuple(sources[1:]), **brought}
    return _train(options, spec, types=options.types, **data)


def _evaluate(options: argparse.Namespace) -> int:
    spec = recipe(options.paper).for_task("evaluate") if options.paper else _recipe(options, "evaluate")
    if options.paper:
        spec = replaced(spec, "analysis.experiments", experiments_of(options.paper))
    return _train(options, spec, reference=_source(options.data, options.labels))


def _run(options: argparse.Namespace) -> int:
    from core.export.recipe_file import read_recipe

    return _execute(options, with_settings(read_recipe(Path(options.file)), options))


def _train(
    options: argparse.Namespace,
    spec: RunSpec,
    *,
    gene_sets: str | None = None,
    types: str | None = None,
    **data: Any,
) -> int:
    for name, path in (("gene_sets", gene_sets), ("types", types)):
        if path:
            data[name] = str(_existing(path))
    spec = spec.model_copy(update={"data": spec.data.model_copy(update=data)})
    return options.act(options, with_settings(spec, options))


def _recipe(options: argparse.Namespace, task: str) -> RunSpec:
    """The settings of the recipe that is named, or lies in the file that is named."""
    named = options.recipe or DEFAULTS[task]
    if not named.endswith(RECIPE_FILES):
        return recipe(named).for_task(task)
    from core.export.recipe_file import read_recipe

    spec = read_recipe(Path(named))
    if spec.task != task:
        raise SpecError(f"This recipe file is not one to {task} with", spec.task, f"Use the verb {spec.task}")
    return spec


def _execute(options: argparse.Namespace, spec: RunSpec) -> int:
    check_where(options.where, options.partition)
    spec, notes = completed(spec)
    _prepare(options, spec)
    run = _run_directory(Path(options.out), spec, options.where)
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
    if options.where == "slurm":
        return _done(run.directory) if run_on_cluster(run, options.partition, sys.stderr) else INTERRUPTED
    from core.tasks.worker import execute

    execute(run, echo=sys.stderr)
    return _done(run.directory)


def _run_directory(out: Path, spec: RunSpec, where: Where) -> Run:
    """A run in ``out``: new, resumed where it was cut off, or made again where the same one was finished.

    A run that goes on in a cluster is found again, to be followed.
    """
    run = Run(out)
    if not run.spec_path.exists():
        return Run.create(out, spec)
    if run.spec != spec:
        raise RunError("The folder already holds another run", str(out), "Choose another --out, or remove the folder")
    status = run.status
    if status.active and status.job and where == "slurm":
        return run
    if status.state == "running" or (status.active and status.job):
        raise RunError("This run is already going on", str(out), "Wait for it, or choose another --out")
    if status.state == "finished":
        run.forget()
        return Run.create(out, spec)
    run.stop_path.unlink(missing_ok=True)
    return run


def _prepare(options: argparse.Namespace, spec: RunSpec | None = None) -> None:
    prepare_process(spec.training.threads if spec else options.threads or 1)


def _done(out: Path) -> int:
    sys.stderr.write("\n")
    sys.stdout.write(f"{out}\n")
    return 0


def _source(path: str, label_column: str | None = None) -> SourceSpec:
    return SourceSpec(path=str(_existing(path)), label_column=label_column)


def _existing(path: str) -> Path:
    found = Path(path).expanduser().resolve()
    if not found.exists():
        raise RunError("The file is not there", path, "Check the path")
    return found


def _require(options: argparse.Namespace, *names: str) -> None:
    missing = [f"--{name}" for name in names if not getattr(options, name)]
    if missing:
        raise SpecError("Something to learn from is missing", None, f"Give {' and '.join(missing)}, or --model")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m core", description="CellDesk without a browser.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    app = verbs.add_parser("app", help="open CellDesk in the browser")
    app.add_argument("--port", type=int, help="port on 127.0.0.1")
    app.add_argument("--no-browser", action="store_true", help="serve only")
    app.set_defaults(verb=_app)

    for name in TASKS:
        _learning_verb(verbs, name)

    search = verbs.add_parser("search", help="try settings of a verb, each as a run of its own")
    searched = search.add_subparsers(required=True, metavar="VERB")
    for name in SEARCHED:
        add_search_options(_learning_verb(searched, name, search_here, with_model=False))

    add_activity(verbs)
    add_compare(verbs)
    add_evidence(verbs)
    add_genes(verbs)
    add_groups(verbs)
    add_impact(verbs)
    add_units(verbs)
    run = add_verb(verbs, "run", _run, "a recipe file written by the Export page", with_recipe=False)
    run.add_argument("file", metavar="RECIPE.yaml")
    return parser


def _learning_verb(verbs: Any, name: str, act: Callable = _execute, with_model: bool = True) -> argparse.ArgumentParser:
    """The verb called ``name`` with what it reads; ``act`` does with its run what the command asks for."""
    perform, words, add_files = TASKS[name]
    verb = add_verb(verbs, name, perform, words, with_where=with_model)
    add_files(verb)
    if name in ("annotate", "deconvolve") and with_model:
        verb.add_argument("--model", metavar="FILE", help="a model.safetensors in place of --reference and --labels")
    verb.set_defaults(act=act, **({} if with_model else {"model": None, "where": "here"}))
    return verb


TASKS: dict[str, tuple[Callable, str, Callable]] = {
    "represent": (_represent, "codes, embedding and pathway impact", represent_files),
    "annotate": (_annotate, "cell types for query cells", annotate_files),
    "deconvolve": (_deconvolve, "composition of bulk samples", deconvolve_files),
    "evaluate": (_evaluate, "the papers' experiments on your data", evaluate_files),
}
"""Verbs that train: what performs them, their help, and the files they read."""
SEARCHED = ("represent", "annotate", "deconvolve")
