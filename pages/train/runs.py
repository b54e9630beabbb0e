"""Runs: train, watch, stop, resume and compare."""

from __future__ import annotations

from pages.ui import session
from pages.ui.runs import head
from pages.ui.runs.live import live

project = session.need("project")
run = session.run()
if run is None:
    head.without_runs(project)
else:
    head.header(project, run)
    live(project, run)
