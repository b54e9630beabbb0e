"""Cells handed to a program in an environment of its own, as files, and its answers read back from files.

The program gets a folder with ``reference.npz`` and ``query.npz`` (cells x genes that both files have, ln(CP10k + 1)
over all genes of each file, CSR) and ``task.json``: ``genes``, ``labels`` of the reference, ``folds`` (the fold in
which each reference cell is held out, -1 where never), ``adds_up`` (whether the reference is known to be scaled so,
which the shared genes alone do not show) and ``seed``. It trains on the whole reference for the query, and without
each fold for that fold, and leaves

* ``METHOD.query.csv`` and ``METHOD.held_out.csv``: ``cell_type`` and ``probability`` of each query cell, and of each
  reference cell that is held out, in the order of the rows;
* ``facts.json``: ``version``; ``cpu_seconds`` and ``refused`` (its reason in words), by method and part.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.comparison.methods import Part
from core.comparison.scores import Calls
from core.errors import RunError
from core.files import write_json
from core.processes import finish, last_words
from core.workspace import worker_environment

FACTS, TASK, LOG = "facts.json", "task.json", "log.txt"


@dataclass(frozen=True)
class Handed:
    """Cells for a program.

    Attributes
    ----------
    reference, query
        (n_cells, n_genes), ln(CP10k + 1), sparse.
    genes
        Names of the columns of both.
    adds_up
        Whether each reference cell holds 10,000 over all genes of its file, before its logarithm was taken.
    labels
        (n_reference,), type names.
    folds
        (n_reference,), the fold in which a cell is held out; -1 where never.
    seed
        For what the program draws.
    """

    reference: sparse.csr_matrix
    query: sparse.csr_matrix
    genes: list[str]
    adds_up: bool
    labels: np.ndarray
    folds: np.ndarray
    seed: int


def hand_over(handed: Handed, folder: Path) -> None:
    """Write the files that a program reads."""
    sparse.save_npz(folder / "reference.npz", handed.reference)
    sparse.save_npz(folder / "query.npz", handed.query)
    write_json(
        folder / TASK,
        {
            "genes": handed.genes,
            "adds_up": handed.adds_up,
            "labels": [str(name) for name in handed.labels],
            "folds": [int(fold) for fold in handed.folds],
            "seed": handed.seed,
        },
    )


def call(python: Path, script: Path, folder: Path, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Run ``script`` on ``folder`` in another environment and wait for it.

    Parameters
    ----------
    python
        Of that environment.
    script
        Reads and writes the folder as this module says.
    folder
        Filled by `hand_over`; what the program prints is in its ``log.txt`` afterwards.
    stopping
        Asked all the time; the program is ended where it says yes.

    Returns
    -------
    Whether there are answers; false where it was ended.

    Raises
    ------
    RunError
        If the program broke off.
    """
    command = [str(python), "-I", str(script), str(folder)]
    with (folder / LOG).open("wb") as log:
        status = finish(command, log, stopping, folder=folder, environment=worker_environment(1))
    if status is None:
        return False
    if status or not (folder / FACTS).exists():
        raise RunError("The program broke off", last_words(folder / LOG), "Install it again")
    return True


def facts(folder: Path) -> dict[str, Any]:
    """``version``, ``cpu_seconds`` and ``refused``, the last two by method and part."""
    return json.loads((folder / FACTS).read_text(encoding="utf-8"))


def calls(folder: Path, method: str, part: Part) -> Calls | None:
    """The answers of ``method``; every cell keeps its label. ``None`` where it refused."""
    path = folder / f"{method}.{part}.csv"
    if not path.exists():
        return None
    table = pd.read_csv(path, dtype={"cell_type": str}, keep_default_na=False)
    every = np.ones(len(table), dtype=bool)
    return Calls(table["cell_type"].to_numpy(dtype=object), table["probability"].to_numpy(dtype=float), every)


def write_calls(folder: Path, method: str, part: Part, cell_type: np.ndarray, probability: np.ndarray) -> None:
    """Write answers as a program does."""
    table = pd.DataFrame({"cell_type": cell_type, "probability": probability})
    table.to_csv(folder / f"{method}.{part}.csv", index=False)
