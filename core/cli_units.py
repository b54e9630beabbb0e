"""The verbs units and checks: what the code units of a finished run are, and what its code as a whole is worth."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.cli_spec import settings_of
from core.errors import RunError, SpecError
from core.runs.run import Run
from core.specs import CheckSpec, Spec, UnitSpec
from core.specs.base import at, replaced_all
from core.workspace import prepare_process

if TYPE_CHECKING:
    import pandas as pd

    from core.interpretation.gene_sets import GeneSets
    from core.tasks.unit_step import Units

S = TypeVar("S", bound=Spec)
UNITS, CHECKS = "analysis.units", "analysis.checks"


def add_units(verbs: Any) -> None:
    """Add both verbs to the command line."""
    units = verbs.add_parser(
        "units",
        help="what each code unit of a finished run moves, and what its genes have in common",
        description="Writes units.csv (one row for each unit), unit_genes.csv (its strongest genes), unit_changes.csv "
        "(every gene); with gene sets unit_terms.csv (over-representation, adjusted by Benjamini and Hochberg and by "
        "Bonferroni), unit_links.csv (units and the terms they share) and, with --ranked, unit_ranked.csv (GSEA); with "
        "other runs or networks to compare with, unit_stability.csv.",
    )
    _common(units, UNITS)
    units.add_argument("--gene-sets", metavar="FILE", help="a GMT file")
    units.add_argument("--ranked", action="store_true", help="test all genes of every unit in their order (GSEA) too")
    units.add_argument("--other", action="append", default=[], metavar="DIR", help="another run to find the units in")
    units.set_defaults(verb=units_here)
    checks = verbs.add_parser(
        "checks",
        help="clusters, orthogonality and likeness of the units of a finished run's code",
        description="Writes clusters.csv (every run of k-means), cluster_summary.csv, singular_values.csv, "
        "likeness_*.csv (units by units) and, with --sweep, sweep.csv and sweep_epochs.csv (weights of the penalty).",
    )
    _common(checks, CHECKS)
    checks.add_argument("--sweep", action="store_true", help="train anew with other weights of the penalty")
    checks.set_defaults(verb=checks_here)


def units_here(options: argparse.Namespace) -> int:
    """Move every unit, write the tables and tell which units have a term; 0 when it is done.

    Raises
    ------
    AppError
        If the run has no code, a file cannot be read, or a setting does not fit.
    """
    run, out = _run(options.run), Path(options.out).expanduser()
    spec = _settings(run, options, UNITS, UnitSpec())
    others = [_run(path) for path in options.other]
    prepare_process(options.threads or 1)
    from core.tasks import unit_stability, unit_step
    from core.tasks.checks import refuse
    from core.tasks.set_names import sets_of_run

    refuse(run)
    sets = Path(options.gene_sets).expanduser() if options.gene_sets else None
    _say("Moving each unit in turn")
    made = unit_step.units_of(run, sets, spec)
    tables = {"units": unit_step.overview(made), "unit_genes": made.genes, "unit_changes": made.changes.reset_index()}
    if sets is not None:
        tables |= {"unit_terms": made.terms, "unit_links": made.links}
    if sets is not None and options.ranked:
        tables["unit_ranked"] = _ranked(made, sets_of_run(run, sets), spec)
    if others or run.spec.training.members > 1:
        _say("Looking for the units in other trainings")
        tables["unit_stability"] = unit_stability.matches(run, others, spec)
    _write(tables, out)
    _tell_units(made, tables.get("unit_stability"))
    sys.stdout.write(f"{out}\n")
    return 0


def checks_here(options: argparse.Namespace) -> int:
    """Check the code, write the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        If the run has no code, or a setting does not fit.
    """
    run, out = _run(options.run), Path(options.out).expanduser()
    spec = _settings(run, options, CHECKS, CheckSpec())
    prepare_process(options.threads or 1)
    from core.evaluation.code_clusters import summary
    from core.tasks import check_words as words
    from core.tasks import checks, sweep

    checks.write(run, spec, _say)
    kept = checks.stored(run, spec)
    assert kept is not None
    out.mkdir(parents=True, exist_ok=True)
    for path in checks.folder(run).glob("*.csv"):
        shutil.copyfile(path, out / path.name)
    if len(kept.clusters):
        found = summary(kept.clusters)
        _write({"cluster_summary": found}, out)
        _say(words.cluster_words(found, int(kept.facts["groups"])))
    _say(words.orthogonal_words(kept.facts))
    _say(words.clean_words(kept.facts))
    if options.sweep:
        tried = sweep.compute(run, spec, lambda text, *_: _say(text))
        assert tried is not None
        _write({sweep.WEIGHTS: tried.weights, sweep.EPOCHS: tried.epochs}, out)
        _say(words.sweep_words(tried.weights))
    sys.stdout.write(f"{out}\n")
    return 0


def _common(verb: argparse.ArgumentParser, root: str) -> None:
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help=f"settings below {root}."
    )
    verb.add_argument("--threads", type=int, help="CPU threads")


def _run(path: str) -> Run:
    run = Run(Path(path).expanduser().resolve())
    if not run.summary_path.exists():
        remedy = "Give the --out of represent or annotate"
        raise RunError("This folder holds no finished run", str(run.directory), remedy)
    return run


def _settings(run: Run, options: argparse.Namespace, root: str, usual: S) -> S:
    """The run's own settings below ``root`` with those of ``--set``."""
    from core.tasks.checks import refuse

    refuse(run)
    values = settings_of(options)
    wrong = [path for path in values if not path.startswith(f"{root}.")]
    if wrong:
        raise SpecError("This setting plays no part here", wrong[0], f"Use a path below {root}.")
    found = at(replaced_all(run.spec, values), root)
    assert isinstance(found, type(usual))
    return found


def _ranked(made: Units, sets: GeneSets, spec: UnitSpec) -> pd.DataFrame:
    """The ranked test of every unit that changes anything, below each other."""
    import pandas as pd

    from core.tasks.unit_ranks import ranked

    names = [str(name) for name in made.changes.columns]
    _say(f"Ordering all genes by each of {len(names)} units")
    moving = [number for number, name in enumerate(names) if made.changes[name].abs().max() > 0]
    tables = [ranked(made, sets, spec, number).assign(unit=names[number]) for number in moving]
    return pd.concat(tables, ignore_index=True)


def _tell_units(made: Units, stability: pd.DataFrame | None) -> None:
    from core.tasks.unit_words import LEVEL, moved_words, stable_units, suggested_name

    named: list[str] = []
    for unit, own in made.terms.groupby("unit", sort=False):
        suggested = suggested_name(own)
        if suggested:
            named.append(f"{unit}: {suggested[0]}, adjusted p {suggested[1]:.2g}")
    facts = made.facts
    _say(f"Each unit {moved_words(facts)}; {facts['taken']} strongest genes of {facts['background']:,}.")
    if facts["gene_sets"]:
        _say(f"{len(named)} of {made.changes.shape[1]} units have a term with an adjusted p below {LEVEL}.")
    for line in named:
        _say(line)
    if stability is not None and len(stability):
        counts: Sequence[int] = list(stable_units(stability).values())
        trainings = stability["network"].nunique()
        each = "the other training" if trainings == 1 else f"all {trainings} other trainings"
        _say(f"{sum(count == trainings for count in counts)} units are found again in {each}.")


def _write(tables: dict[str, pd.DataFrame], out: Path) -> None:
    from core.export.tables import write_table

    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_table(table, name, out)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
