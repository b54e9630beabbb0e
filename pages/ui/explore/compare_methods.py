"""The annotators that take part: what each sees and needs, how a missing one is installed, and how far the work is."""

from __future__ import annotations

import streamlit as st

from core.comparison.environment import PROGRAMS, Program
from core.comparison.methods import METHODS, OURS
from core.errors import AppError
from core.runs.run import Run
from core.runs.worked import Worked
from core.tasks import environment_worker
from core.tasks.compare_kept import folder_of
from pages.ui import session, show
from pages.ui.watch import watch

LOG_LINES, LOG_WIDTH = 14, 160
HEIGHT = 268
INSTALL = "Makes an environment of its own in the workspace and installs the pinned version from the package index."


def installed() -> list[str]:
    """Programs in environments of their own that can take part."""
    return [name for name, program in PROGRAMS.items() if program.python is not None]


def works(run: Run) -> bool:
    """Whether something is going on that the page should look at again."""
    return any(folder.status.active for folder in _folders(run))


def methods(run: Run) -> None:
    """The card with what each method sees, and the buttons and progress under it."""
    with show.card(
        "Who takes part", help="All get the same reference cells, the same folds and the same query.", gap=6
    ) as card:
        missing = [program for program in PROGRAMS.values() if program.python is None]
        with card.actions:
            for program in missing:
                _install(program)
        rows = [
            {"method": method.title, "sees": method.sees, "needs": _needs(method.program)}
            for method in METHODS
            if method.name != OURS
        ]
        columns = {"method": show.Column("Method", strong=True), "sees": "What it sees", "needs": "Needs"}
        show.table(rows, columns, key="compare-methods", height=HEIGHT)
        for program in missing:
            show.text(f"{program.title} can be installed from a terminal too: `{program.command}`", muted=True)
        watch(lambda: _progress(run), lambda: works(run))


def _needs(name: str) -> str:
    if not name:
        return "Nothing more"
    program = PROGRAMS[name]
    if program.python is not None:
        return f"{program.title} {program.version}, installed"
    return f"{program.title} {program.version}, not installed: {program.size}"


def _install(program: Program) -> None:
    going = environment_worker.folder_of(program).status.active and program.folder.exists()
    if st.button(
        f"Install {program.title}",
        icon=":material/download:",
        key=f"install-{program.name}",
        disabled=going,
        help=INSTALL,
    ):

        def begin() -> bool:
            environment_worker.launch(program)
            return True

        if session.attempt(begin):
            st.rerun()


def _progress(run: Run) -> None:
    """How far a comparison or an installation is, and what ended badly."""
    for folder in _folders(run):
        status = folder.status
        if status.active:
            share = status.epoch / status.epochs if status.epochs else 0.0
            show.progress(status.phase or "Starting", share, f"{status.epoch} of {status.epochs}")
            _log(folder)
        elif status.state == "failed" and status.error:
            show.error(AppError(status.error["what"], status.error["value"], status.error["remedy"]))
            _log(folder)
        elif status.state in ("stopped", "lost"):
            show.note(
                f"It was {'stopped' if status.state == 'stopped' else 'cut off'} at: {status.phase or 'the end'}."
            )


def _log(folder: Worked) -> None:
    tail = folder.log_tail(LOG_LINES)
    if tail:
        with st.expander("Log"):
            st.code("\n".join(line[:LOG_WIDTH] for line in tail), language=None)


def _folders(run: Run) -> list[Worked]:
    """Folders that were ever worked in: of the run's comparison, and of programs that are not there yet."""
    folders = [folder_of(run)]
    folders += [environment_worker.folder_of(program) for program in PROGRAMS.values() if program.python is None]
    return [folder for folder in folders if folder.status_path.exists()]
