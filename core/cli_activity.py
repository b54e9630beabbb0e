"""The verb activity: gene sets scored in each cell of a finished run, without its network."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from core.cli_spec import settings_of
from core.errors import RunError, SpecError
from core.runs.run import Run
from core.specs import ActivitySpec
from core.specs.base import replaced_all
from core.workspace import prepare_process

if TYPE_CHECKING:
    from core.tasks.activity_step import Activity

ROOT = "analysis.activity."
METHODS: tuple[str, ...] = get_args(ActivitySpec.model_fields["method"].annotation)
STRONGEST = 3


def add_activity(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser(
        "activity",
        help="gene sets scored in each cell of a finished run, without its network",
        description="Scores of decoupler's univariate linear model (ulm) or AUCell. Writes activity.csv (cells x gene "
        "sets) and, where the cells have labels, activity_means.csv, activity_z.csv and activity_ranks.csv (gene sets "
        "x labels).",
    )
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument("--gene-sets", required=True, metavar="FILE", help="a GMT file")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.add_argument("--method", choices=METHODS, help=f"the score; as {ROOT}method")
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help=f"settings below {ROOT}"
    )
    verb.add_argument("--threads", type=int, help="CPU threads")
    verb.set_defaults(verb=activity_here)


def activity_here(options: argparse.Namespace) -> int:
    """Score the cells, write the tables and tell each label's highest sets; 0 when it is done.

    Raises
    ------
    AppError
        If the run has no cells of its own, the sets do not fit, decoupler is missing or a setting does not fit.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not run.summary_path.exists():
        remedy = "Give the --out of represent or annotate"
        raise RunError("This folder holds no finished run", str(run.directory), remedy)
    spec = _spec(run, options)
    prepare_process(options.threads or 1)
    from core.export.tables import write_table
    from core.tasks import activity_step as step

    with tempfile.TemporaryDirectory(prefix="celldesk-") as folder:
        step.write(Path(folder), run, Path(options.gene_sets).expanduser(), spec)
        found = step.load(Path(folder))
        out = Path(options.out).expanduser()
        out.mkdir(parents=True, exist_ok=True)
        write_table(found.scores().reset_index(), "activity", out)
    _say(
        f"{found.facts['sets']:,} gene sets in {found.facts['cells']:,} cells ({spec.method}); "
        f"{found.facts['sets_left_out']:,} sets have too few genes in the data"
    )
    if found.means is not None and found.z is not None:
        for name, table in (("means", found.means), ("z", found.z), ("ranks", found.ranks)):
            write_table(table.reset_index(), f"activity_{name}", out)
        _tell(found)
    sys.stdout.write(f"{out}\n")
    return 0


def _tell(found: Activity) -> None:
    assert found.z is not None
    for label in found.z:
        highest = found.z.loc[:, str(label)].sort_values(ascending=False)[:STRONGEST]
        _say(f"{label}: " + ", ".join(f"{name} ({z:.1f})" for name, z in highest.items()))


def _spec(run: Run, options: argparse.Namespace) -> ActivitySpec:
    """The run's own settings of the activity with those of ``--method`` and ``--set``."""
    from core.tasks.activity_step import refusal, settings

    why = refusal(run.spec)
    if why:
        raise SpecError("This run has no activity of gene sets", run.name, why)
    values = settings_of(options) | ({} if options.method is None else {f"{ROOT}method": options.method})
    wrong = [path for path in values if not path.startswith(ROOT)]
    if wrong:
        raise SpecError("This setting plays no part in the activity", wrong[0], f"Use a path below {ROOT}")
    return settings(replaced_all(run.spec, values))


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
