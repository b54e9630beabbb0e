"""The verb compare: other annotators on the cells of a run, their scores as tables, and what they say in sentences."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.runs.run import Run
from core.workspace import prepare_process

INTERRUPTED = 130


def add_compare(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb = verbs.add_parser("compare", help="other annotators on the cells of a finished run of annotate")
    verb.add_argument("--run", required=True, metavar="DIR", help="the folder of the run")
    verb.add_argument(
        "--with", nargs="+", default=[], metavar="PROGRAM", dest="programs", help="such as celltypist, once installed"
    )
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    verb.set_defaults(verb=compare_here)


def compare_here(options: argparse.Namespace) -> int:
    """Compare, write the tables and tell what they say; 0 when it is done.

    Raises
    ------
    AppError
        As `core.tasks.compare.compare` does.
    """
    run = Run(Path(options.run).expanduser().resolve())
    if not run.summary_path.exists():
        raise RunError("This folder holds no finished run", str(run.directory), "Give the --out of annotate")
    prepare_process(1)
    from core.comparison.methods import PARTS
    from core.comparison.reading import reading
    from core.tasks.compare import compare
    from core.tasks.compare_kept import folder_of
    from core.tasks.compare_worker import work

    folder = folder_of(run)
    folder.directory.mkdir(parents=True, exist_ok=True)
    folder.stop_path.unlink(missing_ok=True)
    found = []

    def act(tell) -> bool:
        def say(text: str, done: int, of: int) -> None:
            tell(text, done, of)
            sys.stderr.write(f"{done} of {of}  {text}\n")

        found.append(compare(run, options.programs, say, lambda: folder.stop_requested))
        return found[-1] is not None

    work(folder, act)
    if not found or found[0] is None:
        sys.stderr.write("\nStopped.\n")
        return INTERRUPTED
    out = Path(options.out)
    found[0].write(out)
    for part in PARTS:
        said = reading(*found[0].part(part))
        sys.stderr.write("".join(f"{line}\n" for line in [f"\n{WORDS[part]}:", *said] if said))
    sys.stdout.write(f"{out}\n")
    return 0


WORDS = {"query": "Query cells with labels of their own", "held_out": "Reference cells held out"}
