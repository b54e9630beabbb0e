"""The verb genes: which genes the networks of a finished run of deconvolve look at, with the controls beside them."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli_spec import settings_of
from core.errors import RunError, SpecError
from core.runs.run import Run
from core.specs.base import replaced_all
from core.workspace import prepare_process

if TYPE_CHECKING:
    from core.specs import GradientSpec

ROOT = "analysis.gradients."


def add_genes(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser(
        "genes",
        help="genes behind the composition that a finished run of deconvolve gave",
        description="Gradients of each type's share (in samples of all types and, as published, of one type alone) and "
        "of the loss. Writes mixed.csv, class.csv and loss.csv (every gene of every type), genes.csv (what types "
        "express), top_genes.csv and control.csv (markers among the strongest genes, and genes that networks share).",
    )
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.add_argument("--top", type=int, metavar="N", help=f"strongest genes of each type; as {ROOT}top")
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help=f"settings below {ROOT}"
    )
    verb.add_argument("--threads", type=int, help="CPU threads")
    verb.set_defaults(verb=genes_here)


def genes_here(options: argparse.Namespace) -> int:
    """Compute, write the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        If the run took no bulk samples apart, or a setting does not fit.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not run.summary_path.exists():
        raise RunError("This folder holds no finished run", str(run.directory), "Give the --out of deconvolve")
    spec = _spec(run, options)
    prepare_process(options.threads or 1)
    from core.export.tables import write_table
    from core.tasks import composition_genes, composition_top
    from core.tasks import composition_words as words

    composition_genes.write(run, spec, _say)
    kept = composition_genes.stored(run, spec)
    assert kept is not None
    out = Path(options.out).expanduser()
    out.mkdir(parents=True, exist_ok=True)
    for path in composition_genes.folder(run).glob("*.csv"):
        shutil.copyfile(path, out / path.name)
    write_table(composition_top.top_table(kept, spec.top, spec.markers), "top_genes", out)
    write_table(composition_top.control_table(kept, spec.top, spec.markers), "control", out)
    for answer in composition_genes.ANSWERS:
        table = composition_top.control(kept, answer, spec.top, spec.markers)
        _say(f"{words.ANSWER_WORDS[answer]}. {words.markers_words(table, answer)} {words.networks_words(kept, table)}")
    _say(words.reference_words(kept))
    sys.stdout.write(f"{out}\n")
    return 0


def _spec(run: Run, options: argparse.Namespace) -> GradientSpec:
    """The run's own settings of the gradients with those of ``--top`` and ``--set``."""
    from core.tasks.composition_genes import refuse, settings

    refuse(run)
    values = settings_of(options) | ({} if options.top is None else {f"{ROOT}top": options.top})
    wrong = [path for path in values if not path.startswith(ROOT)]
    if wrong:
        raise SpecError("This setting plays no part in the gradients", wrong[0], f"Use a path below {ROOT}")
    return settings(replaced_all(run.spec, values))


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
