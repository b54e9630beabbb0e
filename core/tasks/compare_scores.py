"""What all annotators of a run score on the same cells, what they cost, and why some of them refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.comparison import program
from core.comparison.environment import PROGRAMS
from core.comparison.methods import METHODS, OURS, PARTS, Part, provided
from core.comparison.scores import RESAMPLES, Calls, scores
from core.runs.run import Run
from core.tasks.compare_cells import ComparedCells
from core.tasks.compare_kept import Compared, answered, answers, answers_folder
from core.tasks.prepare import rng

COMPARISON = 7
"""Purpose of random numbers, beside those of a run."""


def scored_comparison(run: Run, cells: ComparedCells) -> Compared:
    """Score all that have answered the run as it is.

    Parameters
    ----------
    run
        A finished run of annotate.
    cells
        Its cells, as all annotators got them.

    Returns
    -------
    Scores of each part whose cells have known types, with intervals of `core.comparison.scores.RESAMPLES` resamples;
    a part without them is in ``methods`` alone.
    """
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
    return Compared(
        pd.concat(tables) if tables else pd.DataFrame(columns=pd.Index(["part", "method", "metric"])),
        pd.DataFrame(rows),
        _facts(run, cells),
        current=True,
    )


def _calls(run: Run, cells: ComparedCells, part: Part) -> tuple[dict[str, Calls], dict[str, str]]:
    """Calls of all that answered, the run first, and the reasons of those that did not."""
    ours = cells.ours(part)
    found: dict[str, Calls] = {} if isinstance(ours, str) else {OURS: ours}
    refused: dict[str, str] = {OURS: ours} if isinstance(ours, str) else {}
    for job in answered(run):
        facts = program.facts(answers_folder(run, job))
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
    for job in answered(run):
        for method, parts in program.facts(answers_folder(run, job))["cpu_seconds"].items():
            if part in parts:
                found[method] = parts[part]
    return found


def _versions(run: Run) -> dict[str, str]:
    return {
        method: program.facts(answers_folder(run, job))["version"]
        for job in answered(run)
        for method in _methods_of(job)
    }


def _facts(run: Run, cells: ComparedCells) -> dict[str, Any]:
    return {
        "run": run.name,
        "column": cells.query.label_column if cells.known is not None else "",
        "reference_cells": len(cells.rows),
        "folds": int(cells.folds.max()) + 1,
        "seed": run.spec.seed,
        "resamples": RESAMPLES,
        "sampled": cells.sampled,
        "programs": [job for job in answered(run) if job in PROGRAMS],
        "extra_seconds": (run.summary.get("cpu_seconds") or {}).get("calibration"),
    }


def _methods_of(job: str) -> tuple[str, ...]:
    return provided(job) if job in PROGRAMS else (job,)
