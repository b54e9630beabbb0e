"""The process that installs a program in an environment of its own, with all that pip says in its log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from core.comparison.environment import DONE, PROGRAMS, Program
from core.errors import RunError
from core.processes import finish, last_words
from core.runs.worked import Worked
from core.tasks.compare_worker import begin, run_main

WORKER = "core.tasks.environment_worker"


def folder_of(program: Program) -> Worked:
    """Where the app installs ``program``."""
    return Worked(program.folder)


def launch(program: Program) -> None:
    """Install ``program`` in the background.

    Raises
    ------
    RunError
        If that is already going on.
    """
    begin(folder_of(program), WORKER, f"{program.title} is already being installed")


def install(program: Program, tell: Callable[[str, int, int], None], stopping: Callable[[], bool]) -> bool:
    """Make an environment and install the pinned packages of ``program`` from the package index.

    Parameters
    ----------
    program
        What is installed.
    tell
        Told each step.
    stopping
        Asked all the time; pip is ended where it says yes.

    Returns
    -------
    Whether it came to its end.

    Raises
    ------
    RunError
        If a step failed; its last word is the value.
    """
    venv, log = program.folder / "venv", program.folder / "log.txt"
    python = venv / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    steps = (
        ("Making an environment of its own", [sys.executable, "-m", "venv", "--clear", str(venv)]),
        (f"Installing {program.title} {program.version}", [*pip, "-r", str(program.requirements)]),
    )
    for number, (words, command) in enumerate(steps):
        tell(words, number, len(steps))
        if not _done(command, log, program, stopping):
            return False
    (venv / DONE).touch()
    tell("Installed", len(steps), len(steps))
    return True


def _done(command: list[str], log: Path, program: Program, stopping: Callable[[], bool]) -> bool:
    """Run one step; false where it was stopped."""
    with log.open("ab") as file:
        status = finish(command, file, stopping)
    if status is None:
        return False
    if status:
        remedy = f"Check the connection to the package index, or run `{program.command}` in CellDesk's folder"
        raise RunError(f"{program.title} could not be installed", last_words(log), remedy)
    return True


def main(arguments: list[str]) -> int:
    """``python -m core.tasks.environment_worker WORKSPACE/environments/PROGRAM``."""
    folder = Worked(Path(arguments[0]))
    program = PROGRAMS[folder.directory.name]
    return run_main(folder, lambda tell: install(program, tell, lambda: folder.stop_requested))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
