"""The pathway autoencoder on pbmc3k: CPU seconds to early stop, and how much of the Poisson loss it recovers.

    python benchmarks/recovery.py [--seeds 0 1 2]

pbmc3k's counts in the genes of the Hallmark sets, four fifths of the cells to learn from, one fifth to test on.
Recovered is (baseline - test) / (baseline - saturated): the baseline expects each gene's mean times the cell's library
size over the mean library, the saturated model expects each count itself. Training stops after 10 epochs without a
better loss, once watched on the test cells as the paper does (so the figure is a little too good), once on a tenth of
the learning cells.

How much 64 numbers per cell can hold is shown by a non-negative factorisation with the same loss, its 64 factors
learned from the learning cells and the test cells' own weights fitted to their counts. Data are read from
CELLDESK_TEST_DATA, results go to results/recovery.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import anndata
import numpy as np
import torch
from scipy import sparse
from sklearn.decomposition import NMF

from core.interpretation.gene_sets import read_gmt
from core.networks.build import build
from core.networks.objective import Objective
from core.recipes import recipe
from core.specs import RunSpec, replaced_all
from core.training.batches import ArrayBatches
from core.training.trainer import fit

DATA = Path(os.environ.get("CELLDESK_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
RESULTS = Path(__file__).parent / "results" / "recovery.json"
SMALL = 1e-8
VARIANTS = {
    "as published": {},
    "log of the input": {"network.input_log": True},
    "library-size offset": {"network.library_size": True},
    "offset, log": {"network.library_size": True, "network.input_log": True},
    "offset, log, input dropout": {
        "network.library_size": True,
        "network.input_log": True,
        "network.input_dropout": 0.3,
    },
}


def counts() -> np.ndarray:
    """Counts (cells, genes) of pbmc3k in the genes of any Hallmark set."""
    cells = anndata.read_h5ad(DATA / "cells" / "pbmc3k.h5ad")
    wanted = {gene for genes in read_gmt(DATA / "gene_sets" / "hallmark_human.gmt").values() for gene in genes}
    return sparse.csr_matrix(cells[:, cells.var_names.isin(wanted)].X).toarray().astype(np.float32)


def poisson(expected: np.ndarray, found: np.ndarray) -> float:
    """Mean of expected - found x log(expected)."""
    return float((expected - found * np.log(expected + SMALL)).mean(dtype=np.float64))


def trained(spec: RunSpec, learn: np.ndarray, watch: np.ndarray, test: np.ndarray, seed: int) -> dict[str, float]:
    """Test loss, epochs and CPU seconds of one training."""
    network = build(spec.network, spec.objective, learn.shape[1], 0, torch.Generator().manual_seed(seed))
    batches = [ArrayBatches(sparse.csr_matrix(cells)) for cells in (learn, watch)]
    began, epochs = time.process_time(), 0
    for record in fit(network, Objective(spec.objective), *batches, spec.training, seed=seed):
        epochs = record.number
    seconds = time.process_time() - began
    with torch.no_grad():
        rebuilt = network(torch.from_numpy(test))["reconstruction"].numpy()
    return {"test": poisson(rebuilt, test), "epochs": epochs, "cpu_s": seconds}


def factorised(learn: np.ndarray, test: np.ndarray, seed: int) -> float:
    """Test loss of 64 non-negative factors whose weights are fitted to the test cells."""
    model = NMF(64, init="nndsvda", solver="mu", beta_loss="kullback-leibler", max_iter=200, random_state=seed)
    model.fit(learn)
    return poisson(model.transform(test) @ model.components_, test)


def measure(values: np.ndarray, seed: int) -> list[dict[str, object]]:
    """Every variant on one random split."""
    order = np.random.default_rng(seed).permutation(len(values))
    test, learn = values[order[: len(values) // 5]], values[order[len(values) // 5 :]]
    library = test.sum(axis=1, keepdims=True) / learn.sum(axis=1).mean()
    baseline, saturated = poisson(learn.mean(axis=0) * library, test), poisson(test, test)

    def row(name: str, stopped_on: str, found: dict[str, float]) -> dict[str, object]:
        share = (baseline - found["test"]) / (baseline - saturated)
        done = {"seed": seed, "variant": name, "stopped_on": stopped_on, "recovered": round(share, 4)}
        done |= {key: round(value, 4) for key, value in found.items()}
        print(done, flush=True)
        return done

    rows = [row("64 factors, fitted to the test cells", "", {"test": factorised(learn, test, seed)})]
    kept = len(learn) // 10
    for name, settings in VARIANTS.items():
        spec = replaced_all(recipe("pathway_autoencoder").spec, settings)
        rows.append(row(name, "test cells", trained(spec, learn, test, test, seed)))
        rows.append(row(name, "learning cells", trained(spec, learn[kept:], learn[:kept], test, seed)))
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    values = counts()
    rows = [row for seed in options.seeds for row in measure(values, seed)]
    means = []
    for name, stopped_on in dict.fromkeys((row["variant"], row["stopped_on"]) for row in rows):
        own = [row for row in rows if (row["variant"], row["stopped_on"]) == (name, stopped_on)]
        numbers = [key for key in ("recovered", "test", "epochs", "cpu_s") if key in own[0]]
        mean = {key: round(statistics.mean(row[key] for row in own), 4) for key in numbers}
        means.append({"variant": name, "stopped_on": stopped_on} | mean)
        print("mean", means[-1])
    RESULTS.write_text(json.dumps({"shape": values.shape, "means": means, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
