"""Start the worker of a run where no page can take it down: a process of its own here, or a job of a cluster."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from core.errors import RunError
from core.runs import slurm
from core.runs.run import Run
from core.runs.status import Status, process_fields
from core.runs.worked import Worked
from core.workspace import compiled_functions, worker_environment

Where = Literal["here", "slurm"]

WORKER = "core.tasks.worker"
TRAINING_ONLY = "--training-only"
"""Tells a worker on this machine to leave once its networks are trained."""
WARM_UP = "core.tasks.warm"
HOME = Path(__file__).parents[2]


def where_choices() -> tuple[Where, ...]:
    """Where a run can go on: on this machine, and on a SLURM cluster if one takes jobs from it."""
    return ("here", "slurm") if slurm.partitions() else ("here",)


def launch(run: Run, where: Where = "here", partition: str | None = None, *, training_only: bool = False) -> None:
    """Start or resume ``run``; its worker outlives the app.

    Parameters
    ----------
    where
        On this machine, or as a job of a SLURM cluster that sees the run's folder and files.
    partition
        The part of the cluster; its default if none is named.
    training_only
        On this machine: leave once the networks are trained, as a trial of a search does.

    Raises
    ------
    RunError
        If the run already has a worker, or is finished; if SLURM is not here, or refuses the job.
    """
    status = run.status
    if status.state == "running" or (status.state == "queued" and (status.pid or status.job)):
        raise RunError("This run is already going on", run.directory.name, "Wait for it or stop it")
    if status.state == "finished":
        raise RunError("This run is finished", run.directory.name, "Start another run")
    run.stop_path.unlink(missing_ok=True)
    run.heartbeat_path.unlink(missing_ok=True)
    queued = Status(state="queued", phase="starting", created=status.created or time.time())
    if where == "here":
        more = (TRAINING_ONLY,) if training_only else ()
        pid = started(WORKER, run, run.spec.training.threads, *more)
        run.write_status(queued.changed(**process_fields(pid)))
        return
    training = run.spec.training
    environment = worker_environment(training.threads)
    job = slurm.submit(run.directory, WORKER, HOME, training, environment=environment, partition=partition)
    if run.status.job != job:  # else the job was quick, and its worker has already said more
        run.write_status(queued.changed(job=job))


def warm_up() -> None:
    """Compile in the background what every run needs, if that has not been done in this workspace."""
    if not compiled_functions().exists():
        subprocess.Popen(
            [sys.executable, "-m", WARM_UP],
            cwd=HOME,
            env=worker_environment(1),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def stop(run: Run) -> None:
    """Ask for a stop after the present step, keeping the best epoch; a job that waits for a cluster is cancelled.

    Raises
    ------
    RunError
        If SLURM refuses to cancel the job.
    """
    run.request_stop()
    status = run.status
    if status.state == "queued" and status.job:
        slurm.cancel(status.job)
        run.write_status(status.changed(state="stopped", phase="", finished=time.time()))


def started(module: str, folder: Worked, threads: int, *more: str) -> int:
    """The process of ``python -m module FOLDER``, in a session of its own, its words in the folder's log."""
    with folder.log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder.directory), *more],
            cwd=HOME,
            env=worker_environment(threads),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid
