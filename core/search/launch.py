"""Start the process of a search where no page can take it down."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.errors import RunError
from core.runs.launch import started
from core.runs.status import Status, process_fields

if TYPE_CHECKING:
    from core.search.folder import Search

WORKER = "core.search.worker"


def launch(search: Search) -> None:
    """Start or resume ``search`` in a process that outlives the app.

    Raises
    ------
    RunError
        If it is already at work.
    """
    status = search.status
    if status.state == "running" or (status.state == "queued" and status.pid):
        raise RunError("This search is already going on", search.name, "Wait for it or stop it")
    search.stop_path.unlink(missing_ok=True)
    search.heartbeat_path.unlink(missing_ok=True)
    queued = Status(state="queued", phase="starting", created=status.created or time.time())
    search.write_status(queued.changed(**process_fields(started(WORKER, search, 1))))
