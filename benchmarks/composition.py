"""The composition of measured bulk samples: two cohorts, one reference and two together, and held-out mixtures.

    python benchmarks/composition.py [--seeds 0 1 2] [--only one two] [--recipe mixer] [--set PATH=VALUE ...]

``one``: pbmc3k. ``two``: pbmc3k and pbmc_hao_small, whose labels a table brings to common names. A stratified 75 % of
each reference's cells train. Scored are B, CD4 T, CD8 T, NK, monocytes and DC (hoek: T in all); what else the reference
has is dropped and both sides add up to one again. ``ccc`` is Lin's concordance over all values, ``type_r`` the mean
over types of Pearson's r within a cohort: constants reach a high concordance, so neither counts alone. ``held_out``:
1,000 mixtures of 500 cells that were never trained on, Dirichlet(1) shares, raw counts added up, by all types of the
reference and (``held_out_scored``) by those of the cohorts alone; of two references, those of each by its own model.
``coverage`` is the share of true values within the 90 % intervals. ``floor``: the reference's frequencies for every
sample; ``mean_of_truth``: the mean of the measured values, which nobody has who has not measured.

Data are read from CELLDESK_TEST_DATA, results go to results/composition.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from verbs import DATA, HOEK, HOME, concordance, measured_fractions, pearson, run

RESULTS = HOME / "benchmarks" / "results" / "composition.json"
POOLED = {"CD14 Mono": "Mono", "CD16 Mono": "Mono"}
HAO = {
    "B cells": "B",
    "T cells CD4 conv": "CD4 T",
    "Tregs": "CD4 T",
    "T cells CD8": "CD8 T",
    "NK cells": "NK",
    "Monocytes": "Mono",
    "mDC": "DC",
    "pDC": "DC",
    "Plasma cells": "Plasma",
    "ILC": "ILC",
    "Platelet": "Platelet",
}


def scored(table: pd.DataFrame, cohort: str) -> pd.DataFrame:
    """Samples x scored types of ``cohort``, rows add up to one."""
    names = dict(POOLED)
    if cohort == "hoek":
        names |= {"CD4 T": "T", "CD8 T": "T"}
    kept = list(HOEK) if cohort == "hoek" else ["B", "CD4 T", "CD8 T", "NK", "Mono", "DC"]
    summed = table.rename(columns=names).T.groupby(level=0).sum().T[kept]
    return summed.div(summed.sum(axis=1), axis=0)


def agreement(truth: pd.DataFrame, found: pd.DataFrame) -> dict[str, float]:
    """Concordance over all values, and the mean correlation within a type."""
    within = [pearson(truth[kind].to_numpy(), found[kind].to_numpy()) for kind in truth]
    return {
        "ccc": float(concordance(truth.to_numpy().ravel(), found[truth.columns].to_numpy().ravel())),
        "type_r": float(np.nan_to_num(within).mean()),
    }


def references(folder: Path, how: str) -> list[str]:
    """The words of the command line that bring one reference, or two with common names."""
    first, second = (str(DATA / "cells" / f"{name}.h5ad") for name in ("pbmc3k", "pbmc_hao_small"))
    if how == "one":
        return ["--reference", first, "--labels", "cell_type"]
    import anndata

    types = folder / "types.csv"
    own = anndata.read_h5ad(first, backed="r").obs["cell_type"].astype(str).unique()
    rows = [("pbmc3k", name, POOLED.get(name, name)) for name in own]
    rows += [("pbmc_hao_small", name, common) for name, common in HAO.items()]
    pd.DataFrame(rows, columns=["reference", "label", "cell_type"]).to_csv(types, index=False)
    return ["--reference", first, second, "--labels", "cell_type", "cell_type", "--types", str(types)]


def cohort_scores(out: Path, cohort: str) -> dict[str, float]:
    """What the run in ``out`` found of ``cohort``, and what the constants would have."""
    table = pd.read_csv(out / "composition.csv", index_col="sample")
    truth = measured_fractions(cohort).loc[table.index]
    truth = truth.div(truth.sum(axis=1), axis=0)
    found = {f"{cohort}_{key}": value for key, value in agreement(truth, scored(table, cohort)).items()}
    methods = pd.read_csv(out / "methods.csv")
    for method, part in methods.groupby("method"):
        if method == "network":
            continue
        other = part.pivot(index="sample", columns="cell_type", values="proportion").loc[table.index]
        found |= {f"{cohort}_{method}_{key}": v for key, v in agreement(truth, scored(other, cohort)).items()}
    mean = pd.DataFrame(np.tile(truth.mean(), (len(truth), 1)), index=truth.index, columns=truth.columns)
    found[f"{cohort}_mean_of_truth_ccc"] = agreement(truth, mean)["ccc"]
    return found | {f"{cohort}_coverage": interval_coverage(out, truth, cohort)}


def interval_coverage(out: Path, truth: pd.DataFrame, cohort: str) -> float:
    """Share of measured values within the intervals, of the types that were not added up."""
    intervals = pd.read_csv(out / "intervals.csv")
    inside = []
    for kind in scored(pd.read_csv(out / "composition.csv", index_col="sample"), cohort):
        part = intervals[intervals["cell_type"] == kind].set_index("sample")
        if len(part):
            known = truth.loc[part.index, kind]
            inside.append(((known >= part["low"]) & (known <= part["high"])).to_numpy())
    return float(np.concatenate(inside).mean())


def held_out(out: Path) -> dict[str, float]:
    """What the run in ``out`` says of mixtures of the cells that it never saw."""
    found = json.loads((out / "summary.json").read_text())["even"]
    table = pd.read_csv(out / "even_mixtures.csv")
    truth, said = (
        scored(table.pivot_table(index="sample", columns="cell_type", values=values), "monaco")
        for values in ("proportion", "predicted")
    )
    return {
        "held_out_ccc": found["CCC"],
        "held_out_scored_ccc": agreement(truth, said)["ccc"],
        "held_out_type_r": found["type_r"],
        "held_out_coverage": found["coverage"],
    }


def measure(how: str, recipe: str, seed: int, settings: tuple[str, ...]) -> dict[str, float]:
    """Both cohorts by one recipe and seed."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = [*references(folder, how), "--recipe", recipe, "--seed", str(seed)]
        for setting in settings:
            words += ["--set", setting]
        for cohort in ("monaco", "hoek"):
            out = folder / cohort
            bulk = DATA / "bulk" / f"{cohort}_expression.csv.gz"
            found[f"{cohort}_cpu_s"] = run(out, "deconvolve", *words, "--bulk", str(bulk))
            found |= cohort_scores(out, cohort)
        found |= held_out(folder / "monaco")
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=["one", "two"], default=["one", "two"])
    parser.add_argument("--recipe", default="mixer")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for how in options.only:
        rows = []
        for seed in options.seeds:
            rows.append({"seed": seed} | measure(how, options.recipe, seed, tuple(options.settings)))
            print(how, {key: round(value, 3) for key, value in rows[-1].items()}, flush=True)
        means = {key: statistics.mean(row[key] for row in rows) for key in rows[0] if key != "seed"}
        print(how, options.recipe, {key: round(value, 3) for key, value in means.items()}, flush=True)
        stored[f"{options.recipe}, {how}"] = {"settings": options.settings, "means": means, "rows": rows}
    if not options.dry:
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
