"""compare: other annotators on the reference, the folds and the query of a finished run, kept in the run's folder."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.comparison import program
from core.comparison.environment import PROGRAMS
from core.comparison.methods import METHODS, OURS, OWN, PARTS, Part, provided
from core.comparison.own import learner, warm_up
from core.comparison.scores import RESAMPLES, Calls, scores
from core.errors import AppError, DataError, RunError, SpecError
from core.export.tables import write_table
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.runs.worked import Worked
from core.specs import content_key
from core.tasks.compare_cells import ComparedCells, compared_cells
from core.tasks.finished import model_of, run_key
from core.tasks.prepare import rng

VERSION = 1
"""Raised when the same cells would give other calls or scores, so that older results count as stale."""
COMPARISON = 7
"""Purpose of random numbers, beside those of a run."""
SCORES, METHODS_TABLE = "scores", "methods"
Tell = Callable[[str, int, int], None]
"""``tell(text, done, of)``: what is done now, and how many annotators of how many are through."""


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
        write_table(self.scores, "comparison", folder)
        write_table(self.methods, METHODS_TABLE, folder)
        write_json(folder / "summary.json", dict(self.facts))


def folder_of(run: Run) -> Worked:
    """Where comparisons of ``run`` are worked on and kept."""
    return Worked(run.directory / "comparison")


def compare(
    run: Run,
    programs: Sequence[str] = (),
    tell: Tell = lambda *_: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Compared | None:
    """Let others label what the run labelled, and score all of them.

    What was found before with the same run is not made again.

    Parameters
    ----------
    run
        A finished run of annotate.
    programs
        Names of programs in environments of their own, beside the methods that need none.
    tell
        Told how far it is.
    stopping
        Asked between annotators, and while a program works.

    Returns
    -------
    What was found; ``None`` where it was stopped.

    Raises
    ------
    MissingExtraError
        If a program is not installed.
    SpecError
        If a program is not known, or the run cannot be compared.
    DataError
        If the run's files have changed.
    """
    for name in programs:
        _known(name).require()
    wanted = [job for job in (*OWN, *programs) if not _answers(run, job).exists()]
    total = len(OWN) + len(programs)
    tell("Reading the cells", total - len(wanted), total)
    cells = compared_cells(run, model_of(run).genes)
    values: tuple[np.ndarray, np.ndarray] | AppError | None = None
    for number, job in enumerate(wanted):
        if stopping():
            return None
        tell(f"{_title(job)} learns and labels", total - len(wanted) + number, total)
        if job in OWN:
            values = _values(cells) if values is None else values
            _keep(run, job, lambda folder, job=job, values=values: _label(cells, job, values, folder))
        elif not _by_program(run, job, cells, stopping):
            return None
    tell("Scoring", total, total)
    return _score(run, cells)


def compared(run: Run) -> Compared | None:
    """The newest comparison of ``run``, current or not; ``None`` where there is none."""
    current = _folder(run, SCORES, _scores_key(run))
    if current.exists():
        return _load(current, current=True)
    older = sorted((run.directory / "comparison" / SCORES).glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    return _load(older[-1], current=False) if older else None


def answers(run: Run, method: str, part: Part) -> Calls | None:
    """What ``method`` called each cell of ``part``; ``None`` where it refused or was not asked."""
    job = next((each.program or each.name for each in METHODS if each.name == method), method)
    return program.calls(_answers(run, job), method, part)


def _known(name: str):
    if name not in PROGRAMS:
        raise SpecError("This program is not known", name, f"Choose from {', '.join(PROGRAMS)}")
    return PROGRAMS[name]


def _title(job: str) -> str:
    return PROGRAMS[job].title if job in PROGRAMS else next(each.title for each in METHODS if each.name == job)


def _methods_of(job: str) -> tuple[str, ...]:
    return provided(job) if job in PROGRAMS else (job,)


def _folder(run: Run, *parts: str) -> Path:
    return run.directory.joinpath("comparison", *parts)


def _answers(run: Run, job: str) -> Path:
    """Where the answers of one annotator to the run as it is are kept."""
    version = PROGRAMS[job].version if job in PROGRAMS else ""
    return _folder(run, job, content_key("comparison", VERSION, job, version, run_key(run)))


def _jobs(run: Run) -> list[str]:
    """Annotators that have answered the run as it is."""
    return [job for job in (*OWN, *PROGRAMS) if _answers(run, job).exists()]


def _scores_key(run: Run) -> str:
    return content_key("comparison", VERSION, run_key(run), *(str(_answers(run, job).name) for job in _jobs(run)))


def _keep(run: Run, job: str, write: Callable[[Path], object]) -> None:
    """Keep new answers, and forget older ones of the same annotator."""
    kept = whole_folder(_answers(run, job), write)
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)


def _values(cells: ComparedCells) -> tuple[np.ndarray, np.ndarray] | AppError:
    try:
        return cells.values()
    except AppError as error:
        return error


def _label(cells: ComparedCells, name: str, values: tuple[np.ndarray, np.ndarray] | AppError, folder: Path) -> None:
    """Write the answers of a method that needs no program: for the query, then fold by fold."""
    refused: dict[Part, str] = {}
    seconds: dict[Part, float] = {}
    warm_up(name)
    for part in PARTS:
        began = time.process_time()
        try:
            if isinstance(values, AppError):
                raise values
            program.write_calls(folder, name, part, *_called(cells, name, values, part))
            seconds[part] = round(time.process_time() - began, 3)
        except AppError as error:
            refused[part] = str(error)
    write_json(folder / program.FACTS, {"version": "", "cpu_seconds": {name: seconds}, "refused": {name: refused}})


def _called(
    cells: ComparedCells, name: str, values: tuple[np.ndarray, np.ndarray], part: Part
) -> tuple[np.ndarray, np.ndarray]:
    """(n_cells,) types and (n_cells,) probabilities of the cells of ``part``."""
    fit, seed, labels = learner(name), cells.run.spec.seed, cells.labels
    reference, query = values
    if part == "query":
        return fit(reference, labels, query, seed)
    types, probabilities = np.empty(len(labels), dtype=object), np.zeros(len(labels))
    for fold in range(int(cells.folds.max()) + 1):
        train, test = np.flatnonzero(cells.folds != fold), np.flatnonzero(cells.folds == fold)
        types[test], probabilities[test] = fit(reference[train], labels[train], reference[test], seed)
    return types[cells.held_out], probabilities[cells.held_out]


def _by_program(run: Run, name: str, cells: ComparedCells, stopping: Callable[[], bool]) -> bool:
    """Ask a program in an environment of its own; false where it was stopped."""
    asked = _known(name)
    python = asked.require()
    with tempfile.TemporaryDirectory(prefix="celldesk-") as place:
        folder = Path(place)
        try:
            handed = cells.handed()
        except DataError as error:
            reason = str(error)
            _keep(run, name, lambda target: _refuse(target, provided(name), reason))
            return True
        program.hand_over(handed, folder)
        try:
            answered = program.call(python, asked.script_path, folder, stopping)
        except RunError:
            _score(run, cells)  # what the others found is not lost with it
            raise
        if not answered:
            return False
        kept = [folder / program.FACTS, folder / program.LOG]
        kept += [path for method in provided(name) for path in folder.glob(f"{method}.*.csv")]
        _keep(run, name, lambda target: [shutil.copy(path, target) for path in kept])
    return True


def _refuse(folder: Path, methods: Sequence[str], reason: str) -> None:
    """Write that none of ``methods`` can label these cells."""
    refused = {method: dict.fromkeys(PARTS, reason) for method in methods}
    write_json(folder / program.FACTS, {"version": "", "cpu_seconds": {}, "refused": refused})


def _score(run: Run, cells: ComparedCells) -> Compared:
    """Score all that have answered, keep the tables and return them."""
    tables, rows = [], []
    for part in PARTS:
        found, refused = _calls(run, cells, part)
        truth, types = cells.truth(part), set(map(str, cells.labels))
        scored = 0 if truth is None else int(np.isin(truth, list(types)).sum())
        if truth is not None and scored:
            table = scores(truth, found, types, OURS, rng(run.spec, COMPARISON))
            table.insert(0, "part", part)
            tables.append(table)
        rows += _method_rows(run, part, found, refused, scored, 0 if truth is None else len(truth) - scored)
    target = _folder(run, SCORES, _scores_key(run))
    made = Compared(
        pd.concat(tables) if tables else pd.DataFrame(columns=pd.Index(["part", "method", "metric"])),
        pd.DataFrame(rows),
        _facts(run, cells),
        current=True,
    )
    if not target.exists():
        whole_folder(target, made.write)
    for other in target.parent.glob("*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)
    return _load(target, current=True)


def _calls(run: Run, cells: ComparedCells, part: Part) -> tuple[dict[str, Calls], dict[str, str]]:
    """Calls of all that answered, the run first, and the reasons of those that did not."""
    ours = cells.ours(part)
    found: dict[str, Calls] = {} if isinstance(ours, str) else {OURS: ours}
    refused: dict[str, str] = {OURS: ours} if isinstance(ours, str) else {}
    for job in _jobs(run):
        facts = program.facts(_answers(run, job))
        for method in _methods_of(job):
            calls = answers(run, method, part)
            if calls is None:
                refused[method] = facts["refused"].get(method, {}).get(part) or "it gave no reason"
            else:
                found[method] = calls
    return found, refused


def _method_rows(
    run: Run, part: Part, found: Mapping[str, Calls], refused: Mapping[str, str], scored: int, others: int
) -> list[dict[str, Any]]:
    ours = found.get(OURS)
    seconds, versions = _seconds(run, part), _versions(run)
    return [
        {
            "part": part,
            "method": method.name,
            "cells": scored,
            "other_cells": others,
            "agrees": float((found[method.name].cell_type == ours.cell_type).mean())
            if ours is not None and method.name in found
            else np.nan,
            "cpu_seconds": seconds.get(method.name, np.nan),
            "refused": refused.get(method.name, ""),
            "version": versions.get(method.name, ""),
        }
        for method in METHODS
        if method.name in found or method.name in refused
    ]


def _seconds(run: Run, part: Part) -> dict[str, float]:
    """CPU seconds by method: learning and labelling; the run's own folds include learning how to refuse."""
    own = run.summary.get("cpu_seconds") or {}
    needed = ("training", "labelling") if part == "query" else ("calibration",)
    found: dict[str, float] = {OURS: sum(own[name] for name in needed)} if all(name in own for name in needed) else {}
    for job in _jobs(run):
        for method, parts in program.facts(_answers(run, job))["cpu_seconds"].items():
            if part in parts:
                found[method] = parts[part]
    return found


def _versions(run: Run) -> dict[str, str]:
    return {method: program.facts(_answers(run, job))["version"] for job in _jobs(run) for method in _methods_of(job)}


def _facts(run: Run, cells: ComparedCells) -> dict[str, Any]:
    return {
        "run": run.name,
        "column": cells.query.label_column if cells.known is not None else "",
        "reference_cells": len(cells.rows),
        "folds": int(cells.folds.max()) + 1,
        "seed": run.spec.seed,
        "resamples": RESAMPLES,
        "sampled": cells.sampled,
        "programs": [job for job in _jobs(run) if job in PROGRAMS],
        "extra_seconds": (run.summary.get("cpu_seconds") or {}).get("calibration"),
    }


def _load(folder: Path, *, current: bool) -> Compared:
    names = ("comparison", METHODS_TABLE)
    table, methods = (pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in names)
    for column in ("refused", "version"):
        methods[column] = methods[column].fillna("").astype(str)
    return Compared(table, methods, json.loads((folder / "summary.json").read_text(encoding="utf-8")), current)
