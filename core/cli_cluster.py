"""A verb whose run goes on in a SLURM cluster: hand it over, and show how far it is."""

from __future__ import annotations

import shlex
import time
from typing import TextIO

from core.errors import RunError, SpecError
from core.runs import slurm
from core.runs.launch import Where, launch
from core.runs.run import Run
from core.tasks.bar import Bar

LOOK_EVERY_SECONDS = 0.5


def check_where(where: Where, partition: str | None) -> None:
    """Refuse what cannot be, before any folder is made.

    Raises
    ------
    AppError
        If a partition is named for a run on this machine, or SLURM is asked for and not here.
    """
    if where == "slurm":
        slurm.require()
    elif partition:
        raise SpecError("A partition is part of a SLURM cluster", partition, "Add --where slurm")


def run_on_cluster(run: Run, partition: str | None, echo: TextIO) -> bool:
    """Queue ``run``, or find its job again, and follow it; false where the user stopped looking before its end.

    Raises
    ------
    RunError
        If SLURM refuses the job, the run fails, or its job is gone without a word.
    """
    if not (run.status.active and run.status.job):
        launch(run, "slurm", partition)
    try:
        follow(run, echo)
    except KeyboardInterrupt:
        echo.write(f"\n{_goes_on(run)}\n")
        return False
    return True


def follow(run: Run, echo: TextIO, every: float = LOOK_EVERY_SECONDS) -> None:
    """Show phases, notes and epochs of ``run`` as its files tell them, until it ends.

    Raises
    ------
    RunError
        If it fails or is lost.
    """
    bar, said, told = Bar(echo), "", 0
    shown = run.epochs()[-1:]
    while True:
        status = run.status
        newest = run.epochs()[-1:] if status.state != "queued" else shown
        if newest != shown:
            bar.epoch(newest[0], run.spec.training.epochs)
            shown = newest
        if status.phase and status.phase != said:
            bar.say(status.phase)
            said = status.phase
        for note in status.notes[told:]:
            bar.say(f"note: {note}")
        told = len(status.notes)
        if not status.active:
            bar.end()
            break
        time.sleep(every)
    if status.state == "failed":
        parts = status.error or {}
        raise RunError(parts.get("what", "The run failed"), parts.get("value"), parts.get("remedy", ""))
    if status.state == "lost":
        remedy = f"See {run.log_path}; the same command goes on from the last checkpoint"
        raise RunError("The cluster ended the job without a word", f"job {status.job}", remedy)


def _goes_on(run: Run) -> str:
    job, stop = run.status.job, shlex.quote(str(run.stop_path))
    return (
        f"Job {job} goes on. To follow it, give the same command again. "
        f"To stop it and keep the best epoch: touch {stop}. To end it at once: scancel {job}"
    )
