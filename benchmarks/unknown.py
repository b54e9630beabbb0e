"""A cell type that the reference lacks: is its share found, and what happens to the others?

    python benchmarks/unknown.py [--seeds 0 1 2] [--most 0.8] [--recipe mixer] [--set PATH=VALUE ...]

pbmc3k without its dendritic cells and platelets, so few that the noise of single cells in the mixtures would look like
genes of their own; one type left out of the reference at a time. A stratified 75 % of the cells are the reference; 200
samples are mixtures of 500 of the other cells with Dirichlet(1) shares of all types, counts summed. ``unknown_r`` and
``unknown_ccc``: the share called Unknown against the true share of the type left out. ``error``: mean absolute error of
the known types' shares of the whole sample; ``error_without``: the same by a run without an unknown share, whose answer
cannot but spread the missing type over the others. ``false_unknown``: the mean unknown share where no type is left out,
of such mixtures and of the samples of monaco and hoek.

Data are read from CELLDESK_TEST_DATA, results go to results/unknown.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse
from verbs import DATA, HOME, concordance, pearson, run

from core.composition.mixtures import from_counts
from core.composition.pool import pool_of
from core.composition.pseudobulk import add_raw_count
from core.composition.split import split_cells
from core.composition.unknown import UNKNOWN
from core.data.labels import as_labels

RESULTS = HOME / "benchmarks" / "results" / "unknown.json"
LEFT_OUT = ("B", "CD14 Mono", "CD8 T", "NK")
RARE = ("DC", "Platelet")
SAMPLES, CELLS = 200, 500
BULK_ALONE = 200
"""Genes of the bulk alone that the network sees beside those of the recipe."""


def files(folder: Path, seed: int) -> tuple[Path, pd.DataFrame, anndata.AnnData]:
    """A table of samples, their true shares, and the cells of the reference."""
    cells = anndata.read_h5ad(DATA / "cells" / "pbmc3k.h5ad")
    cells = cells[~cells.obs["cell_type"].astype(str).isin(RARE)].copy()
    labels = as_labels(cells.obs["cell_type"])
    codes, names = labels.cat.codes.to_numpy(), [str(name) for name in labels.cat.categories]
    rng = np.random.default_rng(seed)
    train, test = split_cells(codes, names, 0.75, rng)
    pool = pool_of(codes, len(names), test)
    made = from_counts(pool, rng.multinomial(CELLS, rng.dirichlet(np.ones(len(names)), SAMPLES)), rng)
    counts = sparse.csr_matrix(cells.layers.get("counts", cells.X), dtype=np.float32)
    samples = pd.Index([f"mixture {number + 1}" for number in range(SAMPLES)], name="sample")
    bulk = folder / "bulk.csv"
    pd.DataFrame(add_raw_count(counts, made).T, index=cells.var_names, columns=samples).to_csv(bulk)
    return bulk, pd.DataFrame(made.proportions, index=samples, columns=pd.Index(names)), cells[train].copy()


def composition(
    out: Path, reference: Path, bulk: Path, options: argparse.Namespace, seed: int, most: float
) -> pd.DataFrame:
    """What a run finds."""
    words = ["--reference", str(reference), "--labels", "cell_type", "--bulk", str(bulk), "--seed", str(seed)]
    words += ["--set", f"features.bulk_alone={BULK_ALONE if most else 0}"]
    for setting in options.settings:
        words += ["--set", setting]
    run(out, "deconvolve", *words, "--recipe", options.recipe, "--set", f"analysis.unknown={most}")
    return pd.read_csv(out / "composition.csv", index_col="sample")


def without_type(folder: Path, name: str, options: argparse.Namespace, seed: int) -> dict[str, float]:
    """The scores where type ``name`` is left out of the reference."""
    bulk, truth, cells = files(folder, seed)
    reference = folder / "reference.h5ad"
    cells[cells.obs["cell_type"].astype(str) != name].copy().write_h5ad(reference)
    found = composition(folder / "with", reference, bulk, options, seed, options.most)
    plain = composition(folder / "without", reference, bulk, options, seed, 0.0)
    known = [kind for kind in truth if kind != name]
    missing = truth[name].to_numpy()
    return {
        "unknown_r": pearson(missing, found[UNKNOWN].to_numpy()),
        "unknown_ccc": concordance(missing, found[UNKNOWN].to_numpy()),
        "error": float((found[known] - truth[known]).abs().to_numpy().mean()),
        "error_without": float((plain[known] - truth[known]).abs().to_numpy().mean()),
    }


def nothing_missing(folder: Path, options: argparse.Namespace, seed: int) -> dict[str, float]:
    """The unknown share where every type is known."""
    bulk, truth, cells = files(folder, seed)
    reference = folder / "reference.h5ad"
    cells.write_h5ad(reference)
    found = composition(folder / "with", reference, bulk, options, seed, options.most)
    scores = {
        "false_unknown": float(found[UNKNOWN].mean()),
        "error": float((found[list(truth)] - truth).abs().to_numpy().mean()),
    }
    for cohort in ("monaco", "hoek"):
        path = DATA / "bulk" / f"{cohort}_expression.csv.gz"
        real = composition(folder / cohort, reference, path, options, seed, options.most)
        scores[f"false_unknown_{cohort}"] = float(real[UNKNOWN].mean())
    return scores


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--most", type=float, default=0.8)
    parser.add_argument("--recipe", default="mixer")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--types", nargs="+", default=[*LEFT_OUT, ""], help="types left out in turn; empty for none")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    stored: dict[str, dict[str, float]] = {}
    for name in options.types:
        rows = []
        for seed in options.seeds:
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                rows.append(
                    without_type(folder, name, options, seed) if name else nothing_missing(folder, options, seed)
                )
        title = f"without {name}" if name else "nothing left out"
        stored[title] = {key: statistics.mean(row[key] for row in rows) for key in rows[0]}
        print(title, {key: round(value, 3) for key, value in stored[title].items()}, flush=True)
    facts = {
        "recipe": options.recipe,
        "most": options.most,
        "settings": options.settings,
        "seeds": options.seeds,
        "means": stored,
    }
    if not options.dry:
        RESULTS.write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
