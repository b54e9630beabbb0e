"""Every verb with its default recipe on public data: CPU seconds and scores, seed by seed.

    python benchmarks/verbs.py [--seeds 0 1 2] [--only annotate deconvolve represent evaluate]

Scores of annotate: every query cell whose type is in the reference, by the best type whatever ``assigned`` says; a call
to another type is an error. Scores of deconvolve: B, T (CD4 T + CD8 T), NK, monocytes (CD14 + CD16), DC; proportions
renormalised over these; the reference's own frequencies and the mean of the measured values stand beside. Data are read
from CELLDESK_TEST_DATA (tests/DATA.md), results go to benchmarks/results/verbs.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))

from core.composition.agreement import concordance, pearson  # noqa: E402  after the path is set

DATA = Path(os.environ.get("CELLDESK_TEST_DATA", HOME.parent / "shared" / "data"))
POOLED = {"CD4 T": "T", "CD8 T": "T", "CD14 Mono": "Mono", "CD16 Mono": "Mono"}
HOEK = {"B": "B", "T": "T", "NK": "NK", "Mono": "Mono", "DC": "DC"}


def run(out: Path, *arguments: str) -> float:
    """CPU seconds of ``python -m core`` with ``arguments``; raises if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "core", *arguments, "--out", str(out)]
    subprocess.run(command, cwd=HOME, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def annotate(out: Path, seed: int, *settings: str) -> dict[str, float]:
    """pbmc3k -> pbmc_3tech, all cells of shared types; ``settings`` are more of the command line."""
    import anndata
    from sklearn.metrics import f1_score

    reference, query = DATA / "cells" / "pbmc3k.h5ad", DATA / "cells" / "pbmc_3tech.h5ad"
    paths = ["--reference", str(reference), "--query", str(query)]
    seconds = run(out, "annotate", *paths, "--labels", "cell_type", "--seed", str(seed), *settings)
    called = pd.read_csv(out / "annotation.csv", index_col="cell")
    known = anndata.read_h5ad(query, backed="r").obs["cell_type"].astype(str)
    types = set(anndata.read_h5ad(reference, backed="r").obs["cell_type"].astype(str))
    shared = known.isin(types)
    truth, best = known[shared], called.loc[known.index, "cell_type"][shared]
    f1 = f1_score(truth, best, labels=sorted(set(truth)), average="macro")
    return {
        "cpu_s": seconds,
        "cells": int(shared.sum()),
        "accuracy": float((truth == best).mean()),
        "macro_f1": float(f1),
    }


def deconvolve(out: Path, seed: int) -> dict[str, float]:
    """pbmc3k -> hoek and monaco, with both constants."""
    reference = DATA / "cells" / "pbmc3k.h5ad"
    found = {}
    for cohort in ("hoek", "monaco"):
        bulk, place = DATA / "bulk" / f"{cohort}_expression.csv.gz", out / cohort
        common = ["--reference", str(reference), "--labels", "cell_type", "--bulk", str(bulk), "--seed", str(seed)]
        found[f"{cohort}_cpu_s"] = run(place, "deconvolve", *common)
        table = pd.read_csv(place / "composition.csv", index_col="sample")
        found[f"{cohort}_rows_sum_to_one"] = bool(np.allclose(table.sum(axis=1), 1, atol=1e-6))
        found |= {f"{cohort}_{name}": value for name, value in _scores(table, place, cohort).items()}
    return found


def _scores(table: pd.DataFrame, place: Path, cohort: str) -> dict[str, float]:
    truth = measured_fractions(cohort).loc[table.index]
    methods = pd.read_csv(place / "methods.csv")
    floor = methods[methods["method"] == "reference_frequencies"].pivot(
        index="sample", columns="cell_type", values="proportion"
    )
    tables = {"": table, "floor_": floor.loc[table.index]}
    means = pd.DataFrame(np.tile(truth.mean(), (len(truth), 1)), index=truth.index, columns=truth.columns)
    scores: dict[str, float] = {}
    for name, answer in {**{key: _pooled(value, truth) for key, value in tables.items()}, "mean_": means}.items():
        scores[f"{name}ccc"] = concordance(truth.to_numpy().ravel(), answer.to_numpy().ravel())
        within = [pearson(truth[kind].to_numpy(), answer[kind].to_numpy()) for kind in truth]
        scores[f"{name}type_r"] = float(np.nan_to_num(within).mean())
    return scores


def measured_fractions(cohort: str) -> pd.DataFrame:
    """Samples x types of ``cohort`` as measured by flow cytometry, rows add up to one."""
    fractions = pd.read_csv(DATA / "bulk" / f"{cohort}_fractions.csv", index_col=0)
    if cohort == "hoek":
        table = fractions[list(HOEK)]
    else:
        table = pd.DataFrame(
            {
                "B": fractions["B.Cells"],
                "CD4 T": fractions["T.CD4.Naive"] + fractions["T.CD4.Memory"],
                "CD8 T": fractions["T.CD8.Naive"] + fractions["T.CD8.Memory"],
                "NK": fractions["NK"],
                "Mono": fractions["Monocytes"],
                "DC": fractions["DC"] if "DC" in fractions else fractions["mDCs"] + fractions["pDCs"],
            }
        )
    return table.div(table.sum(axis=1), axis=0)


def _pooled(table: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    renamed = table.rename(columns={name: new for name, new in POOLED.items() if name not in truth.columns})
    summed = renamed.T.groupby(level=0).sum().T[list(truth.columns)]
    return summed.div(summed.sum(axis=1), axis=0)


def represent(out: Path, seed: int) -> dict[str, float]:
    """pbmc3k with Hallmark gene sets."""
    sets = DATA / "gene_sets" / "hallmark_human.gmt"
    cells = str(DATA / "cells" / "pbmc3k.h5ad")
    seconds = run(out, "represent", "--data", cells, "--gene-sets", str(sets), "--seed", str(seed))
    impact = pd.read_csv(out / "impact.csv", index_col="gene_set")
    return {
        "cpu_s": seconds,
        "sets": impact.shape[0],
        "units": impact.shape[1],
        "lowest": float(impact.to_numpy().min()),
        "highest": float(impact.to_numpy().max()),
        "embedded": len(pd.read_csv(out / "embedding.csv")),
        "coded": len(pd.read_csv(out / "code.csv")),
    }


def evaluate(out: Path, seed: int) -> dict[str, float]:
    """dslabs, seven tissues, one stratified split."""
    data = str(DATA / "tissues" / "dslabs_7_tissues.parquet")
    seconds = run(out, "evaluate", "--data", data, "--labels", "tissue", "--seed", str(seed))
    rows = pd.read_csv(out / "evaluation.csv")
    mine = rows[(rows["experiment"] == "classification") & (rows["method"] == "classifier_autoencoder")]
    values = mine.set_index("metric")["value"]
    return {"cpu_s": seconds, "test_samples": float(values["cells"]), "errors": float(values["errors"])}


VERBS = {"annotate": annotate, "deconvolve": deconvolve, "represent": represent, "evaluate": evaluate}


def main() -> None:
    """Run the verbs that were asked for and keep their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", choices=list(VERBS), default=list(VERBS))
    options = parser.parse_args()
    path = HOME / "benchmarks" / "results" / "verbs.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for verb in options.only:
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as folder:
                found = VERBS[verb](Path(folder) / verb, seed)
            results.setdefault(verb, {})[str(seed)] = found
            print(verb, seed, {name: round(value, 4) for name, value in found.items()})
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
