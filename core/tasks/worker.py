"""The only writer of a run directory: does what ``run.json`` says, from the last checkpoint if there is one."""

from __future__ import annotations

import fcntl
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TextIO

from core.errors import AppError, RunError
from core.runs.launch import TRAINING_ONLY
from core.runs.run import HEARTBEAT_SECONDS, Run
from core.runs.status import this_process
from core.runs.worked import Worked
from core.tasks.notice import Leaving, Notice, queue_again
from core.tasks.progress import Progress, Stopped, Trained
from core.workspace import ClusterJob, cluster_job

TRAINED = "Trained as a trial and judged by its validation cells. Resume it to go on to its results."

TASKS = {task: f"core.tasks.{task}" for task in ("represent", "annotate", "deconvolve", "evaluate")}
"""Module of each task; its ``perform(run, progress)`` does the work. Imported when asked for: each brings torch."""

WITH_A_MODEL = "core.tasks.apply"
"""The same for a run that uses a trained model."""


def execute(
    run: Run,
    echo: TextIO | None = None,
    job: ClusterJob | None = None,
    notice: Notice | None = None,
    *,
    training_only: bool = False,
) -> None:
    """Perform ``run`` in this process, from reading the files to writing the results.

    Parameters
    ----------
    run
        A run that is queued, or was stopped, lost or failed.
    echo
        Where a progress bar goes, if anywhere.
    job, notice
        The cluster's job that this process is, and what the cluster tells it; none on this machine.
    training_only
        Leave once the run's own networks are trained, their checkpoint kept: a trial of a search is judged by its
        epochs alone, and the results can still be made of it later.

    Raises
    ------
    AppError
        If the run cannot go on; its status says the same.
    """
    with only_writer(run), heartbeat(run):
        before = run.status
        known = len(run.epochs())
        progress = Progress(run, echo, notice, training_only=training_only)
        progress.changed(
            state="running",
            phase="starting",
            created=before.created,
            started=time.time(),
            finished=0.0,
            error=None,
            error_kind="",
            notes=(),
            job=job.number if job else "",
            **this_process(),
        )
        try:
            try:
                _perform(run, progress)
            except Stopped:
                progress.note("The run was stopped before there was anything to keep. It can be resumed.")
                progress.changed(state="stopped", phase="", seconds_left=None, finished=time.time())
                return
            except Trained:
                progress.note(TRAINED)
                progress.changed(state="stopped", phase="", seconds_left=None, finished=time.time())
                return
            except Leaving:
                progress.changed(state="queued", phase="left its node, with a checkpoint", seconds_left=None)
                if job and notice and notice.requeue:
                    queue_again(run, job, learned=len(run.epochs()) > known)
                return
        except AppError as error:
            run.failed(error)
            raise
        stopped = run.stop_requested
        run.forget_checkpoints(keep_own=stopped)
        progress.changed(state="stopped" if stopped else "finished", phase="", seconds_left=None, finished=time.time())


def _perform(run: Run, progress: Progress) -> None:
    """The outermost frame: whatever goes wrong below becomes a message in three parts."""
    module = WITH_A_MODEL if run.spec.data.model else TASKS[run.spec.task]
    perform: Callable[[Run, Progress], None] = import_module(module).perform
    try:
        perform(run, progress)
    except (AppError, Leaving, Stopped, Trained):
        raise
    except Exception as error:
        run.log(traceback.format_exc())
        known = f"{type(error).__name__}: {error}".rstrip(": ")
        if _is_out_of_memory(error):
            remedy = "Use fewer genes, a smaller network or fewer cells, or close other programs"
            raise RunError("The computer's memory is full", known, remedy) from error
        raise RunError("The run met an error that CellDesk does not know", known, f"See {run.log_path}") from error


def _is_out_of_memory(error: Exception) -> bool:
    """Whether ``error`` says, in the words of Python, torch, C++ or the loader, that memory has run out."""
    signs = ("allocate memory", "out of memory", "bad_alloc", "failed to map segment", "unable to allocate")
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in signs)


@contextmanager
def only_writer(run: Worked) -> Iterator[None]:
    """See that no other process writes the folder of ``run``.

    Raises
    ------
    RunError
        If one does.
    """
    with (run.directory / ".writer").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError("Another worker writes this run", str(run.directory), "Wait for it to end") from None
        yield


@contextmanager
def heartbeat(run: Worked) -> Iterator[None]:
    """Say every second that this process lives."""
    done = threading.Event()

    def beat() -> None:
        while not done.is_set():
            run.beat()
            done.wait(HEARTBEAT_SECONDS)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def main(arguments: list[str]) -> int:
    """``python -m core.tasks.worker RUN_DIR [--training-only]``."""
    run = Run(Path(arguments[0]))
    job, notice = cluster_job(), Notice()
    if job:
        notice.listen()
    else:
        signal.signal(signal.SIGTERM, lambda *_: run.request_stop())
    try:
        execute(run, job=job, notice=notice, training_only=TRAINING_ONLY in arguments[1:])
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
