"""The verb evidence: tables that let a person judge the labels of a finished run, and what they say in sentences."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli_spec import settings_of
from core.errors import RunError, SpecError
from core.runs.run import Run
from core.specs import EvidenceSpec
from core.specs.base import replaced_all
from core.workspace import prepare_process

if TYPE_CHECKING:
    from core.tasks.evidence import Part

ROOT = "analysis.evidence."
PARTS: tuple[Part, ...] = ("markers", "genes", "both")


def add_evidence(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser("evidence", help="what speaks for and against the labels of a finished run of annotate")
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument(
        "--part",
        nargs="+",
        choices=PARTS,
        dest="parts",
        help="markers: matchSCore, dot plot, clusters. genes: integrated gradients. both: both files in one picture. "
        "By default all that the run has what it takes for",
    )
    verb.add_argument("--cell", nargs="+", default=[], metavar="NAME", dest="cells", help="query cells to explain")
    verb.add_argument("--against", metavar="TYPE", default="", help="compare with this type, not the second best")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help=f"settings below {ROOT}"
    )
    verb.add_argument("--threads", type=int, help="CPU threads")
    verb.set_defaults(verb=evidence_here)


def evidence_here(options: argparse.Namespace) -> int:
    """Compute, copy the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        If the run has no such evidence, or a setting does not fit.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not run.summary_path.exists():
        raise RunError("This folder holds no finished run", str(run.directory), "Give the --out of annotate")
    spec = _spec(run, options)
    prepare_process(options.threads or 1)
    from core.tasks import evidence, evidence_cell, evidence_kept
    from core.tasks.evidence_words import decision_words, reference_words

    out, parts = Path(options.out).expanduser(), _parts(run, options.parts)
    evidence.compute_all(run, parts, spec, lambda words: _say(words))
    stand_in = ""
    for part in parts:
        kept = evidence.found(run, part)
        assert kept is not None
        stand_in = reference_words(kept.facts)
        _copied(run.directory / evidence.FOLDER / part, out)
        for words in evidence.in_words(part, kept):
            _say(f"  {words}")
    if stand_in:
        _say(f"Reference. {stand_in}")
    for cell in options.cells:
        _say(f"Explaining {cell}")
        facts = evidence_cell.why(str(run.directory), cell, options.against)
        for words in decision_words(facts):
            _say(f"  {words}")
        _copied(evidence_kept.why_folder(run, cell, options.against), out / "why" / evidence_kept.file_name(cell))
    sys.stdout.write(f"{out}\n")
    return 0


def _spec(run: Run, options: argparse.Namespace) -> EvidenceSpec:
    """The run's own settings of the evidence with those of ``--set``."""
    from core.tasks.evidence import refuse, settings

    refuse(run)
    values = settings_of(options)
    wrong = [path for path in values if not path.startswith(ROOT)]
    if wrong:
        raise SpecError("This setting plays no part in the evidence", wrong[0], f"Use a path below {ROOT}")
    return settings(replaced_all(run.spec, values))


def _parts(run: Run, asked: list[Part] | None) -> tuple[Part, ...]:
    """The parts asked for, else all that there can be; which cannot is told with the reason."""
    from core.tasks.evidence import why_not

    if asked:
        return tuple(asked)
    reasons = {part: why_not(run, part) for part in PARTS}
    for part, reason in reasons.items():
        if reason:
            _say(f"Left out: {part}. {reason}")
    return tuple(part for part in PARTS if not reasons[part])


def _copied(folder: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.csv"):
        shutil.copyfile(path, out / path.name)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
