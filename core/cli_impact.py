"""The verb impact: which gene sets the units of a finished run respond to, beside chance and a plain comparison."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli_spec import settings_of
from core.errors import RunError, SpecError
from core.files import write_json
from core.project import Project
from core.runs.run import Run
from core.saved import Saved
from core.specs.base import replaced_all
from core.workspace import prepare_process

if TYPE_CHECKING:
    from core.specs import ImpactSpec

ROOT = "analysis.impact."


def add_impact(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser(
        "impact",
        help="gene sets that the units of a finished run respond to",
        description="Pathway impact of any gene sets on a finished run of represent, annotate or deconvolve. Writes "
        "impact.csv, impact_expected.csv (shuffled genes), impact_z.csv, impact_p.csv, impact_control.csv (without a "
        "network), impact_findings.csv and facts.json; for every label at once also impact_by_label.csv.",
    )
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument("--gene-sets", required=True, metavar="FILE", help="a GMT file")
    verb.add_argument(
        "--first",
        default="",
        metavar="LABEL",
        help="only the cells of this label, or selection:NAME for a selection kept in the run's project",
    )
    verb.add_argument(
        "--second",
        default="",
        metavar="LABEL",
        help="with --first: minus this label, selection:NAME or rest; rest without --first: each label minus the rest",
    )
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help=f"settings below {ROOT}"
    )
    verb.add_argument("--threads", type=int, help="CPU threads")
    verb.set_defaults(verb=impact_here)


def impact_here(options: argparse.Namespace) -> int:
    """Measure, write the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        If the run has no impact, a setting does not fit, or a file or a group of cells is missing.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not run.summary_path.exists():
        raise RunError("This folder holds no finished run", str(run.directory), "Give the --out of represent")
    spec = _spec(run, options)
    if options.second and not options.first and options.second != "rest":
        raise SpecError("There is no first group of cells", options.second, "Give --first as well, or --second rest")
    prepare_process(options.threads or 1)
    from core.export.tables import write_table
    from core.tasks import impact_step, impact_words
    from core.tasks.set_names import sets_of_run

    sets, groups = sets_of_run(run, Path(options.gene_sets).expanduser()), (options.first, options.second)
    results = impact_step.measure(run, sets, spec, *groups, _saved(run))
    out = Path(options.out).expanduser()
    out.mkdir(parents=True, exist_ok=True)
    asked = results[groups]
    for name, table in asked.tables.items():
        write_table(table, name, out)
    if len(results) > 1:
        write_table(impact_step.by_label(results), "impact_by_label", out)
    write_json(out / impact_step.FACTS, asked.facts)
    found = impact_step.impact_of_tables(asked.tables, asked.facts)
    said = (impact_words.measured_words(found), impact_words.in_words(found, [str(name) for name in found.impact]))
    for words in said:
        sys.stderr.write(f"{words.replace('**', '')}\n")
    sys.stdout.write(f"{out}\n")
    return 0


def _spec(run: Run, options: argparse.Namespace) -> ImpactSpec:
    """The run's own settings of the impact with those of ``--set``."""
    from core.tasks.impact_step import settings

    values = settings_of(options)
    wrong = [path for path in values if not path.startswith(ROOT)]
    if wrong:
        raise SpecError("This setting plays no part in the impact", wrong[0], f"Use a path below {ROOT}")
    return replaced_all(settings(run.spec), {path.removeprefix(ROOT): value for path, value in values.items()})


def _saved(run: Run) -> Saved | None:
    """Selections of a run that lies in a project."""
    root = run.directory.parents[1]
    return Saved.of(Project(root), run) if (root / "project.json").exists() else None
