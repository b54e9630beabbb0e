"""The verb groups: by which cell types the samples of a finished run of deconvolve differ."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

from core.errors import RunError
from core.runs.run import Run
from core.specs import parse
from core.specs.groups import GroupSpec
from core.workspace import prepare_process


def add_groups(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser(
        "groups",
        help="cell types that differ between the samples of a finished run of deconvolve",
        description="Writes tests.csv (each type: effect, adjusted p, share of draws in which it holds), summary.csv "
        "(medians and quartiles of each group) and, for three or more groups, pairs.csv.",
    )
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument("--samples", metavar="CSV", help="sample sheet; by default what the run knows of its samples")
    verb.add_argument("--column", required=True, metavar="COLUMN", help="groups, or a number such as age")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    fields = GroupSpec.model_fields
    verb.add_argument("--read-as", choices=get_args(fields["read_as"].annotation), help=_help("read_as"))
    verb.add_argument("--groups", nargs="+", metavar="GROUP", help=_help("groups"))
    verb.add_argument("--paired-by", metavar="COLUMN", help=_help("paired_by"))
    verb.add_argument("--scale", choices=get_args(fields["scale"].annotation), help=_help("scale"))
    verb.add_argument("--draws", type=int, help=_help("draws"))
    verb.add_argument("--seed", type=int, help=_help("seed"))
    verb.set_defaults(verb=groups_here)


def groups_here(options: argparse.Namespace) -> int:
    """Compare, write the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        If the run took no bulk samples apart, the sheet or a setting does not fit.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not (run.directory / "composition.csv").exists():
        raise RunError("This folder holds no finished run", str(run.directory), "Give the --out of deconvolve")
    asked = {name: getattr(options, name) for name in GroupSpec.model_fields}
    spec = parse(GroupSpec, {name: value for name, value in asked.items() if value is not None})
    prepare_process(1)
    from core.results import Results
    from core.tasks.group_words import CAUTION, arrangement_words, finding_words
    from core.tasks.groups import compare_samples, keep
    from core.tasks.sample_sheet import lacking_words, sample_columns

    results = Results(run)
    columns, lacking = sample_columns(results, options.samples)
    if lacking:
        _say(lacking_words(lacking, len(columns)))
    found = compare_samples(results, columns, spec)
    out = Path(options.out).expanduser()
    out.mkdir(parents=True, exist_ok=True)
    for path in keep(run, spec, found).glob("*.csv"):
        shutil.copyfile(path, out / path.name)
    for words in (finding_words(found, spec), arrangement_words(found, spec), CAUTION):
        if words:
            _say(words.replace("**", ""))
    sys.stdout.write(f"{out}\n")
    return 0


def _help(name: str) -> str:
    # argparse reads a per cent sign as the start of a placeholder
    return str(GroupSpec.model_fields[name].description).replace("%", "%%")


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
