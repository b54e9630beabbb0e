"""Train CellTypist on reference cells and label others; runs in CellTypist's own environment.

    PYTHON run_celltypist.py FOLDER

FOLDER holds what `core.comparison.program` hands over, and receives the answers in the form described there.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

PLAIN, VOTED = "celltypist", "celltypist_voting"
WARM_UP = 300
"""Cells that are labelled once before anything is timed."""


def cells(folder: Path, name: str, genes: list[str]) -> Any:
    """The cells handed over under ``name``: ln(CP10k + 1)."""
    values: Any = sparse.csr_matrix(sparse.load_npz(folder / f"{name}.npz"))
    names = pd.Index([f"{name}_{row}" for row in range(values.shape[0])])
    return anndata.AnnData(values, pd.DataFrame(index=names), pd.DataFrame(index=pd.Index(genes)))


def answers(
    program: Any, train: Any, labels: np.ndarray, test: Any, check: bool
) -> tuple[dict[str, Any], dict[str, float]]:
    """Tables of calls, or the words of a refusal, and CPU seconds, by method; with and without majority voting.

    ``check``: let it see for itself that the values are what it wants, which it can on all genes of a file alone.
    """
    began = time.process_time()
    try:
        model = program.train(train, labels=labels, n_jobs=1, check_expression=check)
    except Exception as error:
        return dict.fromkeys((PLAIN, VOTED), said(error)), {}
    trained = time.process_time() - began
    found: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    for method, voting in ((PLAIN, False), (VOTED, True)):
        began = time.process_time()
        try:
            answer = program.annotate(test.copy(), model=model, majority_voting=voting)
            found[method] = calls(answer, "majority_voting" if voting else "predicted_labels")
            seconds[method] = trained + time.process_time() - began
        except Exception as error:
            found[method] = said(error)
    return found, seconds


def calls(answer: Any, column: str) -> pd.DataFrame:
    """The type of each cell and the probability that CellTypist states for it, which need not add up over types."""
    types = answer.predicted_labels[column].astype(str).to_numpy()
    table = answer.probability_matrix
    place = table.columns.astype(str).get_indexer(types)
    return pd.DataFrame({"cell_type": types, "probability": table.to_numpy()[np.arange(len(types)), place]})


def said(error: Exception) -> str:
    """The program's own words, without its pictures."""
    return "".join(letter for letter in str(error) if ord(letter) < 0x2600).strip() or type(error).__name__


def main(folder: Path) -> None:
    """Answer for the query, and for the held-out cells of each fold."""
    program = import_module("celltypist")
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    check = not task["adds_up"]
    labels, folds = np.asarray(task["labels"], dtype=object), np.asarray(task["folds"])
    reference, query = (cells(folder, name, task["genes"]) for name in ("reference", "query"))
    # functions are compiled when first used, which is no cost of the method
    few = np.unique(np.linspace(0, len(labels) - 1, WARM_UP).astype(int))
    answers(program, reference[few], labels[few], reference[few], check)
    found, seconds = answers(program, reference, labels, query, check)
    refused: dict[str, dict[str, str]] = {PLAIN: {}, VOTED: {}}
    spent = {method: {"query": round(taken, 3)} for method, taken in seconds.items()}
    for method, answer in found.items():
        if isinstance(answer, str):
            refused[method]["query"] = answer
        else:
            answer.to_csv(folder / f"{method}.query.csv", index=False)
    held: dict[str, list[pd.DataFrame]] = {PLAIN: [], VOTED: []}
    for fold in range(int(folds.max(initial=-1)) + 1):
        test = np.flatnonzero(folds == fold)
        train = np.flatnonzero(folds != fold)
        found, seconds = answers(program, reference[train], labels[train], reference[test], check)
        for method, answer in found.items():
            if isinstance(answer, str):
                refused[method].setdefault("held_out", answer)
            else:
                held[method].append(answer.assign(row=test))
                spent.setdefault(method, {}).setdefault("held_out", 0.0)
                spent[method]["held_out"] = round(spent[method]["held_out"] + seconds[method], 3)
    for method, parts in held.items():
        if parts and "held_out" not in refused[method]:
            ordered = pd.concat(parts).sort_values("row").drop(columns="row")
            ordered.to_csv(folder / f"{method}.held_out.csv", index=False)
    facts = {"version": version("celltypist"), "cpu_seconds": spent, "refused": refused}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
