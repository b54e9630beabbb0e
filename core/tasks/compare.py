"""compare: other annotators label the reference's folds and the query of a finished run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.comparison import program
from core.comparison.environment import PROGRAMS, Program
from core.comparison.methods import METHODS, OWN, PARTS, Part, provided
from core.comparison.own import learner, warm_up
from core.errors import AppError, DataError, RunError, SpecError
from core.files import write_json
from core.runs.run import Run
from core.tasks.compare_cells import ComparedCells, compared_cells
from core.tasks.compare_kept import Compared, answers_folder, keep_answers, keep_scores
from core.tasks.compare_scores import scored_comparison
from core.tasks.finished import model_of

Tell = Callable[[str, int, int], None]
"""``tell(text, done, of)``: what is done now, and how many annotators of how many are through."""


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
    wanted = [job for job in (*OWN, *programs) if not answers_folder(run, job).exists()]
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
            keep_answers(run, job, lambda folder, job=job, values=values: _label(cells, job, values, folder))
        elif not _by_program(run, job, cells, stopping):
            return None
    tell("Scoring", total, total)
    return keep_scores(run, scored_comparison(run, cells))


def _known(name: str) -> Program:
    if name not in PROGRAMS:
        raise SpecError("This program is not known", name, f"Choose from {', '.join(PROGRAMS)}")
    return PROGRAMS[name]


def _title(job: str) -> str:
    return PROGRAMS[job].title if job in PROGRAMS else next(each.title for each in METHODS if each.name == job)


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
            keep_answers(run, name, lambda target: _refuse(target, provided(name), reason))
            return True
        program.hand_over(handed, folder)
        try:
            finished = program.call(python, asked.script_path, folder, stopping)
        except RunError:
            keep_scores(run, scored_comparison(run, cells))  # what the others found is not lost with it
            raise
        if not finished:
            return False
        kept = [folder / program.FACTS, folder / program.LOG]
        kept += [path for method in provided(name) for path in folder.glob(f"{method}.*.csv")]
        keep_answers(run, name, lambda target: [shutil.copy(path, target) for path in kept])
    return True


def _refuse(folder: Path, methods: Sequence[str], reason: str) -> None:
    """Write that none of ``methods`` can label these cells."""
    refused = {method: dict.fromkeys(PARTS, reason) for method in methods}
    write_json(folder / program.FACTS, {"version": "", "cpu_seconds": {}, "refused": refused})
