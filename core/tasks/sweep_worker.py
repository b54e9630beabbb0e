"""The process of a sweep over the orthogonality weight: the only writer of its folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from core.runs.run import Run
from core.runs.worked import Worked
from core.specs import CheckSpec
from core.tasks.checks import asked
from core.tasks.compare_worker import begin, run_main
from core.tasks.sweep import compute, folder_of

WORKER = "core.tasks.sweep_worker"


def launch(run: Run, spec: CheckSpec) -> None:
    """Start the sweep of ``run`` in a process that outlives the app.

    Raises
    ------
    RunError
        If it is already going on.
    """
    begin(folder_of(run), WORKER, "This sweep is already going on", json.dumps(spec.model_dump(mode="json")))


def main(arguments: list[str]) -> int:
    """``python -m core.tasks.sweep_worker RUN_DIR/checks/sweep SETTINGS``, settings as JSON."""
    folder = Worked(Path(arguments[0]))
    run = Run(folder.directory.parents[1])
    spec = asked(run, json.loads(arguments[1]) if len(arguments) > 1 else None)
    return run_main(folder, lambda tell: compute(run, spec, tell, lambda: folder.stop_requested) is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
