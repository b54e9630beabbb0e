"""The process of a comparison: the only writer of its folder, so that no page can take it down."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import AppError, RunError
from core.runs.launch import started
from core.runs.run import Run
from core.runs.status import Status, process_fields, this_process
from core.runs.worked import Worked
from core.tasks.compare import compare
from core.tasks.compare_kept import folder_of
from core.tasks.worker import heartbeat, only_writer

WORKER = "core.tasks.compare_worker"


def launch(run: Run, programs: Sequence[str] = ()) -> None:
    """Start the comparison of ``run`` in a process that outlives the app.

    Parameters
    ----------
    run
        A finished run of annotate.
    programs
        Programs in environments of their own that take part.

    Raises
    ------
    RunError
        If it is already going on.
    """
    begin(folder_of(run), WORKER, "This comparison is already going on", *programs)


def begin(folder: Worked, module: str, busy: str, *arguments: str) -> None:
    """Start ``python -m module FOLDER ARGUMENTS`` for a folder that nobody works in.

    Raises
    ------
    RunError
        With the words ``busy`` if somebody does.
    """
    folder.directory.mkdir(parents=True, exist_ok=True)
    status = folder.status
    if status.state == "running" or (status.state == "queued" and status.pid):
        raise RunError(busy, folder.directory.name, "Wait for it or stop it")
    for signal_path in (folder.stop_path, folder.heartbeat_path, folder.log_path):
        signal_path.unlink(missing_ok=True)
    queued = Status(state="queued", phase="Starting", created=time.time())
    folder.write_status(queued.changed(**process_fields(started(module, folder, 1, *arguments))))


def work(folder: Worked, act: Callable[[Callable[[str, int, int], None]], bool]) -> None:
    """Do ``act``, the only writer of ``folder``; its status says how far it is and how it ended.

    Parameters
    ----------
    folder
        Where it is worked.
    act
        Told where to say ``(text, done, of)``; answers whether it came to its end.

    Raises
    ------
    AppError
        If it cannot go on; the status says the same.
    """
    with only_writer(folder), heartbeat(folder):
        status = Status(state="running", created=time.time(), started=time.time(), **this_process())

        def tell(text: str, done: int, of: int) -> None:
            nonlocal status
            status = status.changed(phase=text, epoch=done, epochs=of)
            folder.log(text)
            folder.write_status(status)

        tell("Starting", 0, 0)
        try:
            ended = _outermost(folder, lambda: act(tell))
        except AppError as error:
            folder.failed(error)
            raise
        folder.write_status(status.changed(state="finished" if ended else "stopped", phase="", finished=time.time()))


def run_main(folder: Worked, act: Callable[[Callable[[str, int, int], None]], bool]) -> int:
    """`work` as a process of its own: a signal asks for a stop, a user's mistake is 2."""
    signal.signal(signal.SIGTERM, lambda *_: folder.request_stop())
    try:
        work(folder, act)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _outermost(folder: Worked, act: Callable[[], bool]) -> bool:
    """Whatever goes wrong below becomes a message in three parts."""
    try:
        return act()
    except AppError:
        raise
    except Exception as error:
        folder.log(traceback.format_exc())
        known = f"{type(error).__name__}: {error}".rstrip(": ")
        raise RunError("It met an error that CellDesk does not know", known, f"See {folder.log_path}") from error


def main(arguments: list[str]) -> int:
    """``python -m core.tasks.compare_worker RUN_DIR/comparison [PROGRAM ...]``."""
    folder = Worked(Path(arguments[0]))
    run = Run(folder.directory.parent)
    return run_main(folder, lambda tell: compare(run, arguments[1:], tell, lambda: folder.stop_requested) is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
