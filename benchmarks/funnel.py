"""The funnel autoencoder on 1.3 million cells: CPU seconds until it is as good as a converged run on 100,000.

Synthetic cells of 16 types on 19 components whose spread falls as in a principal component analysis; the components
are not whitened. A run on 100,000 of them is trained until it stops by itself, and gives the loss to be reached by
all 1.3 million. One thread; each seed draws its own types, cells and start weights.

    python benchmarks/funnel.py [--cells 1300000] [--seeds 0 1 2]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from core.networks.build import build
from core.networks.network import Network
from core.networks.objective import Objective
from core.recipes import recipe
from core.specs import TrainSpec
from core.training.batches import ArrayBatches
from core.training.trainer import fit

COMPONENTS, TYPES, FEWER = 19, 16, 100_000
HELD_OUT = 20_000  # cells of neither run, on which both losses are taken
WITHIN = 0.15  # spread of a type, as a share of the spread of the types' centres
RESULTS = Path(__file__).parent / "results" / "funnel.json"
SPEC = recipe("funnel_autoencoder").spec
MANY = {"batch_size": 1024, "learning_rate": 1e-2, "schedule": "one_cycle", "epochs": 8}
"""What the run on all cells changes in the recipe: an epoch has thirteen times the steps, so fewer, larger ones do."""


def mixture(cells: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells (cells, 19) in random order, and the number of each one's type; sizes of types differ up to tenfold."""
    rng = np.random.default_rng(seed)
    spread = 1 / np.sqrt(np.arange(1, COMPONENTS + 1))
    centres = rng.normal(size=(TYPES, COMPONENTS)) * spread
    shares = rng.uniform(1, 10, TYPES)
    types = rng.choice(TYPES, cells, p=shares / shares.sum())
    noise = rng.standard_normal((cells, COMPONENTS), dtype=np.float32) * (WITHIN * spread).astype(np.float32)
    return centres.astype(np.float32)[types] + noise, types


def train(
    cells: np.ndarray, held_out: np.ndarray, training: TrainSpec, seed: int, enough: float = -np.inf
) -> tuple[Network, float, int, float]:
    """The network, its loss on held-out cells, its epochs and CPU seconds; ends early once the loss is ``enough``."""
    network = build(SPEC.network, SPEC.objective, COMPONENTS, 0, torch.Generator().manual_seed(seed))
    epochs, began = 0, time.process_time()
    run = fit(network, Objective(SPEC.objective), ArrayBatches(cells), ArrayBatches(held_out), training, seed=seed)
    for record in run:
        epochs = record.number
        if record.validation["loss"] <= enough:
            break
    run.close()
    seconds = time.process_time() - began
    with torch.no_grad():
        x = torch.from_numpy(held_out)
        loss = float((network(x)["reconstruction"] - x).square().mean())
    return network, loss, epochs, seconds


def agreement(network: Network, cells: np.ndarray, types: np.ndarray, seed: int) -> float:
    """Adjusted Rand index of 16 k-means clusters of the two code units and the types."""
    with torch.no_grad():
        code = network.encode(torch.from_numpy(cells)).numpy()
    return float(adjusted_rand_score(types, KMeans(TYPES, n_init=10, random_state=seed).fit_predict(code)))


def measure(cells: int, seed: int) -> dict[str, float]:
    """One seed: the run on fewer cells, then the one on all of them."""
    values, types = mixture(cells + HELD_OUT, seed)
    held_out, kept, kept_types = values[:HELD_OUT], values[HELD_OUT:], types[HELD_OUT:]
    _, converged, few_epochs, few_seconds = train(kept[:FEWER], held_out, SPEC.training, seed)
    training = SPEC.training.model_copy(update=MANY)
    network, loss, epochs, seconds = train(kept, held_out, training, seed, enough=converged)
    rand = agreement(network, kept, kept_types, seed)
    raw = float(adjusted_rand_score(kept_types, KMeans(TYPES, n_init=10, random_state=seed).fit_predict(kept[:, :2])))
    return {
        "seed": seed,
        "few_epochs": few_epochs,
        "few_cpu_s": round(few_seconds, 1),
        "converged_loss": round(converged, 5),
        "epochs": epochs,
        "cpu_s": round(seconds, 1),
        "loss": round(loss, 5),
        "ari": round(rand, 3),
        "ari_two_components": round(raw, 3),
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=1_300_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for seed in options.seeds:
        rows.append(measure(options.cells, seed))
        print(rows[-1], flush=True)
    means = {name: statistics.mean(row[name] for row in rows) for name in ("cpu_s", "ari", "loss", "converged_loss")}
    print("mean", {name: round(value, 4) for name, value in means.items()})
    summary = {"cells": options.cells, "changed": MANY, "seeds": rows, "mean": means}
    RESULTS.write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
