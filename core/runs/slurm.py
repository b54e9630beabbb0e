"""SLURM: put a run in a cluster's queue, see what became of it, take it out again.

The job is the worker itself under ``srun``, reading and writing the run's folder on a disk that the cluster shares; no
data are pickled. Account, memory and time limit are the site's defaults or the user's ``SBATCH_*`` variables.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.errors import RunError
from core.specs import TrainSpec

NOTICE_SECONDS = 120
"""How long before its time is up the worker is told, so that it can keep a checkpoint and queue again."""
LOOK_EVERY_SECONDS = 2
"""``squeue`` is asked about a job at most this often, however many pages look."""
ANSWER_SECONDS = 20
LIST_EVERY_SECONDS = 60
LIST_SECONDS = 3
WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT")
UNKNOWN = "UNKNOWN"
NO_SUCH_JOB = "Invalid job id"
REMEDY = "Run it here (--where here), or on a machine of the cluster"


@dataclass(frozen=True)
class Place:
    """Where a job is: SLURM's word for its state, empty once it has left the queue, and why it waits."""

    state: str
    reason: str = ""

    @property
    def gone(self) -> bool:
        return not self.state

    @property
    def unknown(self) -> bool:
        return self.state == UNKNOWN

    @property
    def waiting(self) -> bool:
        return self.state in WAITING


def available() -> bool:
    """Whether jobs can be submitted from this machine."""
    return shutil.which("sbatch") is not None


def require() -> None:
    """Refuse where jobs cannot be submitted from this machine.

    Raises
    ------
    RunError
        If ``sbatch`` is not on the PATH.
    """
    if not available():
        raise RunError("SLURM is not on this machine", "sbatch", REMEDY)


def submit(
    directory: Path,
    module: str,
    home: Path,
    training: TrainSpec,
    *,
    environment: Mapping[str, str],
    partition: str | None = None,
) -> str:
    """Queue a worker for the run in ``directory``; the number of its job.

    Parameters
    ----------
    directory
        The run's folder, seen by all nodes; the job's output goes to its ``log.txt``.
    module
        The worker, started as ``python -m module directory`` in ``home`` with this Python.
    training
        Says how many threads and GPUs are asked for.
    environment
        Variables of the job.
    partition
        Where to queue; the cluster's default if none is named.

    Raises
    ------
    RunError
        If SLURM is not here, or refuses the job; if all devices of a node not yet known are asked for.
    """
    if training.devices is None:
        raise RunError("A job must say how many devices it needs", "all", "Set training.devices to a number")
    require()
    cpus = str(training.threads * training.devices)
    log = str(directory.resolve() / "log.txt").replace("%", "%%")
    options = {
        "job-name": f"celldesk-{directory.name}",
        "chdir": str(home),
        "output": log,
        "open-mode": "append",
        "nodes": "1",
        "ntasks": "1",
        "cpus-per-task": cpus,
        "signal": f"USR2@{NOTICE_SECONDS}",
    }
    if training.device == "cuda":
        options["gpus-per-node"] = str(training.devices)
    if partition:
        options["partition"] = partition
    flags = [f"--{name}={value}" for name, value in options.items()]
    # srun is told the number of CPUs again: since SLURM 22.05 it does not take it over from sbatch
    worker = ["srun", "--unbuffered", f"--cpus-per-task={cpus}", sys.executable, "-m", module]
    script = "\n".join(
        [
            "#!/bin/sh",
            'export CELLDESK_JOB="$SLURM_JOB_ID" CELLDESK_RESTARTS="${SLURM_RESTART_COUNT:-0}"',
            # exec: a signal meant for the script alone reaches srun, which hands it on to the worker
            f"exec {shlex.join([*worker, str(directory.resolve())])}",
            "",
        ]
    )
    done = _call(["sbatch", "--parsable", "--requeue", *flags], script, environment)
    if done.returncode:
        raise RunError("SLURM did not take the job", _said(done), "Change the partition or the settings it names")
    return done.stdout.strip().partition(";")[0]


def cancel(job: str) -> None:
    """Take a job out of the queue, or end it.

    Raises
    ------
    RunError
        If SLURM is not here, or refuses.
    """
    _order(["scancel", job])


def requeue(job: str) -> None:
    """Put a running job back into the queue; SLURM ends what is left of it.

    Raises
    ------
    RunError
        If SLURM is not here, or refuses.
    """
    _order(["scontrol", "requeue", job])


def partitions() -> tuple[str, ...]:
    """Parts of the cluster that a job can be queued in, the default first; empty where no cluster answers."""
    return _partitions(int(time.monotonic() // LIST_EVERY_SECONDS)) if available() else ()


def place(job: str) -> Place:
    """Where ``job`` is, as ``squeue`` said not more than two seconds ago."""
    return _place(job, int(time.monotonic() // LOOK_EVERY_SECONDS))


@lru_cache(maxsize=1)
def _partitions(moment: int) -> tuple[str, ...]:
    try:
        done = _call(["sinfo", "--noheader", "--format=%P"], seconds=LIST_SECONDS)
    except RunError:
        return ()
    names = sorted(dict.fromkeys(done.stdout.split()), key=lambda name: not name.endswith("*"))
    return tuple(name.removesuffix("*") for name in names) if done.returncode == 0 else ()


@lru_cache(maxsize=256)
def _place(job: str, moment: int) -> Place:
    if shutil.which("squeue") is None:
        return Place(UNKNOWN)
    try:
        done = _call(["squeue", "--noheader", f"--jobs={job}", "--format=%T|%r"])
    except RunError:  # a controller that does not answer says nothing about the job
        return Place(UNKNOWN)
    if done.returncode:
        return Place("" if NO_SUCH_JOB in done.stderr else UNKNOWN)
    return Place(*done.stdout.strip().split("|", 1))


def _order(command: Sequence[str]) -> None:
    done = _call(command)
    if done.returncode:
        raise RunError("SLURM refused", _said(done), f"Try it in a terminal: {shlex.join(command)}")


def _call(
    command: Sequence[str],
    text: str = "",
    environment: Mapping[str, str] | None = None,
    seconds: float = ANSWER_SECONDS,
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=text,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        raise RunError("SLURM is not on this machine", command[0], REMEDY) from None
    except subprocess.TimeoutExpired:
        raise RunError("SLURM does not answer", shlex.join(command), "Try again later") from None


def _said(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.partition("error: ")[2] or line for line in done.stderr.strip().splitlines()]
    return lines[-1] if lines else f"exit {done.returncode}"
