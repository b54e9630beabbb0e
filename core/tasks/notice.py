"""A cluster's word to a worker: leave this node, keep what is done."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from core.errors import RunError
from core.runs import slurm
from core.runs.run import Run
from core.workspace import ClusterJob

RESTARTS_WITHOUT_AN_EPOCH = 3
"""A job whose time never suffices for one epoch would go round for ever."""


class Leaving(Exception):
    """Raised where a task can be left: its checkpoint is kept and nothing half done is shown as a result."""


@dataclass
class Notice:
    """Whether the worker was told to leave, and whether it should queue again."""

    given: bool = False
    requeue: bool = False

    def listen(self) -> None:
        """SIGUSR2 (time is nearly up, or a user's ``scancel --signal=USR2``): leave and queue again.

        SIGTERM (preempted, or cancelled): leave; whether the job comes back is SLURM's decision.
        """
        signal.signal(signal.SIGUSR2, lambda *_: self._give(requeue=True))
        signal.signal(signal.SIGTERM, lambda *_: self._give(requeue=False))

    def _give(self, requeue: bool) -> None:
        self.given = True
        self.requeue |= requeue


def queue_again(run: Run, job: ClusterJob, learned: bool) -> None:
    """Put the job of ``run`` back into SLURM's queue.

    Parameters
    ----------
    learned
        Whether the worker finished an epoch since it began.

    Raises
    ------
    RunError
        If SLURM refuses, or the job keeps coming back without getting anywhere.
    """
    if not learned and job.restarts >= RESTARTS_WITHOUT_AN_EPOCH:
        raise RunError(
            "The cluster takes the job off its node before one epoch is done",
            f"{job.restarts} restarts",
            "Ask for more time with the variable SBATCH_TIMELIMIT, or choose another partition",
        )
    run.log(f"Job {job.number} goes back into the queue")
    slurm.requeue(job.number)
