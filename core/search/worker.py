"""The process of a search: conducts it from where it stands, and is the only writer of its folder."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from core.errors import AppError, RunError
from core.runs.status import this_process
from core.search.conduct import Conductor
from core.search.folder import Search
from core.search.report import say, write_report
from core.search.trial import Trial
from core.tasks.worker import heartbeat, only_writer

if TYPE_CHECKING:
    from collections.abc import Callable


def execute(search: Search, echo: TextIO | None = None) -> None:
    """Make all trials that are left, and write what was found.

    Parameters
    ----------
    search
        A search that is queued, or was stopped, lost or failed.
    echo
        Where each trial is told as it ends, if anywhere.

    Raises
    ------
    AppError
        If it cannot go on; its status says the same.
    """
    with only_writer(search), heartbeat(search):
        before = search.status
        status = before.changed(
            state="running", phase="", started=time.time(), finished=0.0, error=None, **this_process()
        )
        search.write_status(status)
        conductor = Conductor(search, _teller(search, echo))
        planned = conductor.spec.planned + conductor.spec.repeats

        def tick() -> None:
            nonlocal status
            now = status.changed(epoch=conductor.done, epochs=planned)
            if now != status:
                status = now
                search.write_status(status)

        try:
            _conduct(conductor, search, tick)
        except AppError as error:
            search.failed(error)
            raise
        finally:
            write_report(search)
        state = "stopped" if search.stop_requested else "finished"
        search.write_status(status.changed(state=state, epoch=conductor.done, epochs=planned, finished=time.time()))


def _conduct(conductor: Conductor, search: Search, tick: Callable[[], None]) -> None:
    """The outermost frame: whatever goes wrong below becomes a message in three parts."""
    try:
        conductor.conduct(tick)
    except AppError:
        raise
    except Exception as error:
        search.log(traceback.format_exc())
        known = f"{type(error).__name__}: {error}".rstrip(": ")
        raise RunError(
            "The search met an error that CellDesk does not know", known, f"See {search.log_path}"
        ) from error


def _teller(search: Search, echo: TextIO | None) -> Callable[[Trial], None]:
    def tell(trial: Trial) -> None:
        if echo is not None:
            echo.write(f"{say(trial, search.spec)}\n")
            echo.flush()

    return tell


def main(arguments: list[str]) -> int:
    """``python -m core.search.worker SEARCH_DIR``."""
    search = Search(Path(arguments[0]))
    signal.signal(signal.SIGTERM, lambda *_: search.request_stop())
    try:
        execute(search)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
