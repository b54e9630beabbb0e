"""What is kept of a comparison in its run's folder: answers of each annotator, tables of scores, and their keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.comparison import program
from core.comparison.environment import PROGRAMS
from core.comparison.methods import METHODS, OWN, Part
from core.comparison.scores import Calls
from core.export.tables import write_table
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.runs.worked import Worked
from core.specs import content_key
from core.tasks.finished import run_key

VERSION = 1
"""Raised when the same cells would give other calls or scores, so that older results count as stale."""
SCORES_TABLE, METHODS_TABLE, SUMMARY = "comparison", "methods", "summary.json"


@dataclass(frozen=True)
class Compared:
    """What a comparison found.

    Attributes
    ----------
    scores
        ``part`` (``query`` or ``held_out``) and the columns of `core.comparison.scores.scores`.
    methods
        A row per part and method: ``part``, ``method``, ``cells`` (scored), ``other_cells`` (of types that the
        reference lacks), ``agrees`` (share of all cells with the run's own call), ``cpu_seconds``, ``refused`` (the
        reason; empty where there is none), ``version`` of the program.
    facts
        ``column`` (of the query's own labels, empty without), ``folds``, ``seed``, ``resamples``, ``sampled``,
        ``programs``, ``extra_seconds`` (CPU seconds in which the run learned calibration and refusal).
    current
        Whether it belongs to the run as it is.
    """

    scores: pd.DataFrame
    methods: pd.DataFrame
    facts: Mapping[str, Any]
    current: bool

    def part(self, part: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Scores and methods of one part."""
        return self.scores.loc[self.scores["part"] == part], self.methods.loc[self.methods["part"] == part]

    def write(self, folder: Path) -> None:
        """Write comparison.csv, methods.csv and summary.json."""
        write_table(self.scores, SCORES_TABLE, folder)
        write_table(self.methods, METHODS_TABLE, folder)
        write_json(folder / SUMMARY, dict(self.facts))


def folder_of(run: Run) -> Worked:
    """Where comparisons of ``run`` are worked on and kept."""
    return Worked(run.directory / "comparison")


def compared(run: Run) -> Compared | None:
    """The newest comparison of ``run``, current or not; ``None`` where there is none."""
    current = scores_folder(run)
    if current.exists():
        return _load(current, current=True)
    older = sorted(current.parent.glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    return _load(older[-1], current=False) if older else None


def answers(run: Run, method: str, part: Part) -> Calls | None:
    """What ``method`` called each cell of ``part``; ``None`` where it refused or was not asked."""
    job = next((each.program or each.name for each in METHODS if each.name == method), method)
    return program.calls(answers_folder(run, job), method, part)


def answers_folder(run: Run, job: str) -> Path:
    """Where the answers of one annotator to the run as it is are kept.

    Parameters
    ----------
    run
        A finished run of annotate.
    job
        A method that needs no program, or a program, which may answer for several methods.

    Returns
    -------
    A folder as `core.comparison.program` describes it; missing where it has not answered.
    """
    version = PROGRAMS[job].version if job in PROGRAMS else ""
    key = content_key("comparison", VERSION, job, version, run_key(run))
    return folder_of(run).directory / job / key


def answered(run: Run) -> list[str]:
    """Annotators that have answered the run as it is."""
    return [job for job in (*OWN, *PROGRAMS) if answers_folder(run, job).exists()]


def keep_answers(run: Run, job: str, write: Callable[[Path], object]) -> None:
    """Keep new answers, whole or not at all, and forget older ones of the same annotator.

    Parameters
    ----------
    run, job
        As `answers_folder` takes them.
    write
        Fills the folder that it is given.
    """
    _forget_others(whole_folder(answers_folder(run, job), write))


def keep_scores(run: Run, made: Compared) -> Compared:
    """Keep the scores of all that have answered, forget older ones, and give them back as they are read."""
    folder = scores_folder(run)
    if not folder.exists():
        whole_folder(folder, made.write)
    _forget_others(folder)
    return _load(folder, current=True)


def scores_folder(run: Run) -> Path:
    """Where the scores of all that have answered the run as it is are kept; missing where there are none."""
    names = (answers_folder(run, job).name for job in answered(run))
    return folder_of(run).directory / "scores" / content_key("comparison", VERSION, run_key(run), *names)


def _forget_others(folder: Path) -> None:
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _load(folder: Path, *, current: bool) -> Compared:
    names = (SCORES_TABLE, METHODS_TABLE)
    table, methods = (pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in names)
    for column in ("refused", "version"):
        methods[column] = methods[column].fillna("").astype(str)
    return Compared(table, methods, json.loads((folder / SUMMARY).read_text(encoding="utf-8")), current)
