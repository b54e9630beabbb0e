"""Start the worker of a run as a process of its own, so that no page can take it down."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from core.errors import RunError
from core.runs.run import Run
from core.runs.status import Status, process_fields
from core.workspace import worker_environment

WORKER = "core.tasks.worker"
HOME = Path(__file__).parents[2]


def launch(run: Run) -> None:
    """Start or resume ``run`` on this machine, in a process group that outlives the app.

    Raises
    ------
    RunError
        If the run already has a worker, or is finished.
    """
    status = run.status
    if status.state == "running" or (status.state == "queued" and status.pid):
        raise RunError("This run is already going on", run.directory.name, "Wait for it or stop it")
    if status.state == "finished":
        raise RunError("This run is finished", run.directory.name, "Start another run")
    run.stop_path.unlink(missing_ok=True)
    run.heartbeat_path.unlink(missing_ok=True)
    with run.log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER, str(run.directory)],
            cwd=HOME,
            env=worker_environment(run.spec.training.threads),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    run.write_status(
        Status(state="queued", phase="starting", created=status.created or time.time(), **process_fields(process.pid))
    )
