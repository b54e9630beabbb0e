"""Label transfer on pairs of public data sets: accuracy, macro-F1, calibration, label sets and refusal, seed by seed.

    python benchmarks/annotation.py [--seeds 0 1 2] [--only A B D F G H open xin] [--set PATH=VALUE ...]

Scores are of every query cell whose type is in the reference, by the best type whatever ``assigned`` says; macro-F1 is
over the types present in both, and a call to another type is an error. ECE has 15 bins of equal width on the best
type's probability. ``coverage_90`` is the share of these cells whose label set at 90 % holds the truth. ``refused`` is
the share of known cells left without a label, ``unknown_refused`` that of cells whose type the reference lacks, and
``auroc`` tells known from unknown cells by the open-set score. Data are read from CELLDESK_TEST_DATA, results go to
results/annotation.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata
import gene_activity
import numpy as np
import pandas as pd
from verbs import DATA, run

from core.annotation.calibration import BINS

RESULTS = Path(__file__).parent / "results" / "annotation.json"
Cells = anndata.AnnData
FEW = 5  # query cells; a type with fewer says little about macro-F1


@dataclass(frozen=True)
class Pair:
    """A reference and a query; ``batch`` names the reference's column of batches, ``more`` settings of its own."""

    title: str
    cells: Callable[[int], tuple[Cells, Cells]]
    batch: str | None = None
    more: tuple[str, ...] = ()


def cells(name: str) -> Cells:
    """One of the public files."""
    return anndata.read_h5ad(DATA / "cells" / f"{name}.h5ad")


def _technologies(_: int) -> tuple[Cells, Cells]:
    both = cells("pbmc_3tech")
    query = (both.obs["batch"] == "5p").to_numpy()
    return both[~query].copy(), both[query].copy()


def _interferon(_: int) -> tuple[Cells, Cells]:
    both = cells("pbmc_kang")
    query = (both.obs["batch"] == "stim").to_numpy()
    return both[~query].copy(), both[query].copy()


def _halves(seed: int) -> tuple[Cells, Cells]:
    from sklearn.model_selection import train_test_split

    whole = cells("paul15")
    labels = whole.obs["cell_type"].astype(str).to_numpy()
    first, second = train_test_split(np.arange(len(labels)), test_size=0.5, stratify=labels, random_state=seed)
    return whole[first].copy(), whole[second].copy()


def _without(*types: str) -> tuple[Cells, Cells]:
    reference = cells("pbmc3k")
    return reference[~reference.obs["cell_type"].isin(types).to_numpy()].copy(), cells("pbmc_3tech")


def _few_types(_: int) -> tuple[Cells, Cells]:
    return cells("pancreas_xin"), cells("pancreas_wang")


PAIRS = {
    "A": Pair("pbmc3k -> pbmc_3tech", lambda _: (cells("pbmc3k"), cells("pbmc_3tech"))),
    "B": Pair("pbmc_3tech 3pv1 + 3pv2 -> 5p", _technologies, "batch"),
    "D": Pair("pbmc_kang ctrl -> stim", _interferon, "sample_id"),
    "F": Pair("pancreas_lawlor -> pancreas_wang", lambda _: (cells("pancreas_lawlor"), cells("pancreas_wang"))),
    "G": Pair("paul15, stratified halves", _halves),
    "H": Pair(gene_activity.TITLE, gene_activity.sets, more=gene_activity.settings()),
    "open": Pair("pbmc3k without B and NK -> pbmc_3tech", lambda _: _without("B", "NK")),
    "xin": Pair(
        "pancreas_xin (4 types) -> pancreas_wang (7)", lambda _: (cells("pancreas_xin"), cells("pancreas_wang"))
    ),
}


def transfer(pair: Pair, seed: int, settings: tuple[str, ...]) -> dict[str, float]:
    """Annotate the query of ``pair`` through the command line, and score it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference, query = pair.cells(seed)
        paths = [folder / "reference.h5ad", folder / "query.h5ad"]
        hidden = query.copy()
        hidden.obs = hidden.obs[[]]
        for part, path in zip((reference, hidden), paths, strict=True):
            part.write_h5ad(path)
        options = ["--reference", str(paths[0]), "--labels", "cell_type", "--query", str(paths[1])]
        if pair.batch:
            options += ["--set", f"data.reference.batch_column={pair.batch}"]
        for setting in (*pair.more, *settings):
            options += ["--set", setting]
        seconds = run(folder / "out", "annotate", *options, "--seed", str(seed))
        table = pd.read_csv(folder / "out" / "annotation.csv", index_col="cell", keep_default_na=False)
        facts = json.loads((folder / "out" / "summary.json").read_text())
    truth = query.obs["cell_type"].astype(str)
    table = table.loc[truth.index]
    found = scores(truth.to_numpy(), table, set(reference.obs["cell_type"].astype(str)))
    return {"cpu_s": seconds, "ece_held_out": facts["calibration"]["error_after"], **found}


def scores(truth: np.ndarray, table: pd.DataFrame, types: set[str]) -> dict[str, float]:
    """What the labels of ``table`` are worth."""
    from sklearn.metrics import f1_score, roc_auc_score

    known = np.isin(truth, sorted(types))
    best, real, certain = table["cell_type"].to_numpy()[known], truth[known], table["probability"].to_numpy()[known]
    present, sizes = np.unique(real, return_counts=True)
    sets = [set(each.split("|")) for each in table["label_set_90"].to_numpy()[known]]
    assigned = table["assigned"].astype(str).eq("True").to_numpy()
    found = {
        "cells": int(known.sum()),
        "accuracy": float((best == real).mean()),
        "macro_f1": float(f1_score(real, best, labels=present, average="macro")),
        "macro_f1_of_5": float(f1_score(real, best, labels=present[sizes >= FEW], average="macro")),
        "ece": calibration_error(certain, best == real),
        "coverage_90": float(np.mean([each in within for each, within in zip(real, sets, strict=True)])),
        "set_size_90": float(np.mean([len(each) for each in sets])),
        "refused": float((~assigned[known]).mean()),
    }
    if (~known).any():
        found["unknown_refused"] = float((~assigned[~known]).mean())
        found["auroc"] = float(roc_auc_score(~known, table["open_set_score"].to_numpy()))
    return found


def calibration_error(certain: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error in bins of equal width."""
    bins = np.minimum((certain * BINS).astype(int), BINS - 1)
    gaps = [
        abs(certain[bins == each].mean() - right[bins == each].mean()) * (bins == each).mean() for each in set(bins)
    ]
    return float(np.sum(gaps))


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.only:
        rows = []
        for seed in options.seeds:
            rows.append({"seed": seed} | transfer(PAIRS[name], seed, tuple(options.settings)))
            print(name, {key: round(value, 3) for key, value in rows[-1].items()}, flush=True)
        means = {key: statistics.mean(row[key] for row in rows) for key in rows[0] if key != "seed"}
        print(f"{name:5} {PAIRS[name].title:42}", {key: round(value, 3) for key, value in means.items()}, flush=True)
        stored[name] = {"pair": PAIRS[name].title, "means": means, "rows": rows}
    if not options.dry:
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
