"""Comparisons of groups of samples as files that leave: their tables by name."""

from __future__ import annotations

import json
from pathlib import Path

from core.runs.run import Run
from core.tasks.groups import FOLDER, SETTINGS, TABLES


def group_files(run: Run) -> dict[str, tuple[str, Path]]:
    """File name -> what is in it and where it lies, of the last comparison by each column."""
    found: dict[str, tuple[str, Path]] = {}
    for settings in sorted((run.directory / FOLDER).glob(f"*/{SETTINGS}")):
        column = json.loads(settings.read_text(encoding="utf-8"))["column"]
        for name, what in TABLES.items():
            path = settings.parent / f"{name}.csv"
            if path.exists():
                found[f"groups_{settings.parent.name}_{name}.csv"] = (what.format(column=column), path)
    return found
