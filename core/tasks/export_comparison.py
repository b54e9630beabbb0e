"""The comparison with other annotators as files that leave: its tables by name."""

from __future__ import annotations

from pathlib import Path

from core.runs.run import Run
from core.tasks.compare_kept import METHODS_TABLE, SCORES_TABLE, scores_folder

TABLES: dict[str, tuple[str, str]] = {
    "comparison.csv": (SCORES_TABLE, "Scores of CellDesk and of other annotators, with paired intervals"),
    "comparison_methods.csv": (
        METHODS_TABLE,
        "Each annotator's cells, agreement, CPU time, version, or why it refused",
    ),
}
"""File name -> table of the comparison, and what is in it."""


def comparison_files(run: Run) -> dict[str, tuple[str, Path]]:
    """File name -> what is in it and where it lies, of a comparison that belongs to the run as it is."""
    if not run.model_path.exists():
        return {}
    folder = scores_folder(run)
    found = {name: (what, folder / f"{table}.csv") for name, (table, what) in TABLES.items()}
    return {name: (what, path) for name, (what, path) in found.items() if path.exists()}
