"""The average cell of the reference and of each type, kept with a run so that one cell can be explained fast."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.files import whole_folder
from core.runs.run import Run
from core.specs import content_key
from core.tasks.evidence_sets import Sets
from core.tasks.finished import run_key
from core.tasks.type_averages import Types

VERSION = 2
TABLES = ("expression", "scaled", "rank")


def stored_types(run: Run) -> Types | None:
    """The averages, or ``None`` where they are missing."""
    folder = _folder(run)
    return Types(*(pd.read_parquet(folder / f"{name}.parquet") for name in TABLES)) if folder.exists() else None


def keep_types(sets: Sets) -> Types:
    """Take the averages of the reference and keep them in the run's folder."""
    made = sets.reference.types()

    def fill(folder: Path) -> None:
        for name in TABLES:
            getattr(made, name).to_parquet(folder / f"{name}.parquet")

    whole_folder(_folder(sets.run), fill)
    return made


def _folder(run: Run) -> Path:
    return run.directory / "evidence" / "types" / content_key("types", VERSION, run_key(run))
