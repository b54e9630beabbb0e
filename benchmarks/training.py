"""Training speed of our loop against a DataLoader loop and against the matrix products alone: cells per CPU second.

An autoencoder 3000-128-64-128-3000 with a Poisson loss on synthetic counts, 5 % of them above zero, one thread.
Runs are interleaved and the median of each is kept: only the ratios within one file can be compared.

"products alone" are the five large matrix products of a step in fp32 and nothing else: the layers from and to the
genes forwards, the gradients of their weights, and the gradient that the decoder's layer below gets.

    python benchmarks/training.py [--cells 16384] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import torch
from scipy import sparse
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
from core.training.batches import ArrayBatches
from core.training.precision import PRECISIONS, autocast, matrix_precision, probe
from core.training.trainer import fit

GENES, HIDDEN = 3000, 128
LOOPS = ("DataLoader + Adam", "ours, dense", "ours, sparse")
RESULTS = Path(__file__).parent / "results" / "training.json"
SOFTPLUS = {"activation": "softplus"}
NETWORK = NetworkSpec(
    encoder=(LayerSpec(units=HIDDEN, **SOFTPLUS),),
    code=LayerSpec(units=64, **SOFTPLUS),
    output_activation="softplus",
)
OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson"))
CPU = torch.device("cpu")


@cache
def counts(cells: int) -> sparse.csr_matrix:
    """Synthetic counts (cells, 3000): 5 % above zero, geometric."""
    rng = np.random.default_rng(0)
    values = sparse.random(cells, GENES, 0.05, format="csr", rng=rng, dtype=np.float32)
    values.data = rng.geometric(0.5, values.nnz).astype(np.float32)
    return values


def ours(values: sparse.csr_matrix | np.ndarray, batch_size: int, precision: str) -> float:
    """Cells per CPU second of one epoch of ``fit``."""
    network = build(NETWORK, OBJECTIVE, GENES, 0, torch.Generator().manual_seed(0))
    spec = TrainSpec(batch_size=batch_size, epochs=1, precision=precision, restore_best=False)
    batches = ArrayBatches(values)
    began = time.process_time()
    for _ in fit(network, Objective(OBJECTIVE), batches, None, spec, seed=0):
        pass
    return values.shape[0] / (time.process_time() - began)


def data_loader(values: np.ndarray, batch_size: int, precision: str) -> float:
    """Cells per CPU second of one epoch of a plain DataLoader loop with Adam, the loss read at each step."""
    parts = build(NETWORK, OBJECTIVE, GENES, 0, torch.Generator().manual_seed(0))
    network = torch.nn.Sequential(parts.encoder, parts.decoder, parts.output)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(torch.from_numpy(values)), batch_size=batch_size, shuffle=True)
    losses = []
    began = time.process_time()
    with matrix_precision(precision):
        for (x,) in loader:
            optimiser.zero_grad()
            with autocast(precision, CPU):
                rebuilt = network(x)
            loss = functional.poisson_nll_loss(rebuilt, x, log_input=False)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return len(values) / (time.process_time() - began)


def products(cells: int, batch_size: int) -> float:
    """Cells per CPU second of a step's five large matrix products in fp32, without anything else."""
    generator = torch.Generator().manual_seed(0)
    x, code_side = (torch.randn(batch_size, width, generator=generator) for width in (GENES, HIDDEN))
    to_genes, from_genes = torch.randn(GENES, HIDDEN, generator=generator), torch.randn(HIDDEN, GENES)
    steps = cells // batch_size
    with matrix_precision("fp32"):
        hidden, genes, weights = code_side.clone(), x.clone(), to_genes.clone()
        began = time.process_time()
        for _ in range(steps):
            torch.mm(x, from_genes.T, out=hidden)
            torch.mm(code_side, to_genes.T, out=genes)
            torch.mm(x.T, code_side, out=weights)
            torch.mm(code_side.T, x, out=from_genes)
            torch.mm(x, to_genes, out=hidden)
    return steps * batch_size / (time.process_time() - began)


def measured(loop: str, precision: str, cells: int, batch_size: int) -> float:
    """One measurement of a loop."""
    torch.set_num_threads(1)
    match loop:
        case "products alone":
            return products(cells, batch_size)
        case "DataLoader + Adam":
            return data_loader(counts(cells).toarray(), batch_size, precision)
        case "ours, dense":
            return ours(counts(cells).toarray(), batch_size, precision)
    return ours(counts(cells), batch_size, precision)


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=16384)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    loops = [("products alone", "fp32"), *product(LOOPS, PRECISIONS)]
    # a process for each kind of loop: what one sets up in its process must not serve the others
    spawn = multiprocessing.get_context("spawn")
    processes = {loop: ProcessPoolExecutor(1, mp_context=spawn) for loop, _ in loops}

    def speed_of(loop: str, precision: str, batch_size: int) -> float:
        return processes[loop].submit(measured, loop, precision, options.cells, batch_size).result()

    rows, best = [], []
    for batch_size in (128, 1024):
        for key in loops:
            speed_of(*key, batch_size)  # the first time sets libraries up
        speeds: dict[tuple[str, str], list[float]] = {key: [] for key in loops}
        for _ in range(options.repeats):
            for key in loops:
                speeds[key].append(speed_of(*key, batch_size))
        medians = {key: statistics.median(found) for key, found in speeds.items()}
        floor = medians["products alone", "fp32"]
        for (loop, precision), speed in medians.items():
            against = speed / medians["DataLoader + Adam", precision]
            row = {"loop": loop, "precision": precision, "batch_size": batch_size}
            row |= {"cells_per_cpu_s": round(speed), "ratio": round(against, 2), "of_products": round(speed / floor, 2)}
            rows.append(row)
            print(
                f"{precision:7} {batch_size:5} {loop:18} {speed:9,.0f} cells/CPU s {against:5.2f}x {speed / floor:5.0%}"
            )
        mode = max(PRECISIONS, key=lambda precision: medians["ours, sparse", precision])
        share = medians["ours, sparse", mode] / floor
        best.append({"batch_size": batch_size, "mode": mode, "of_products": round(share, 3)})
        print(f"best mode at batch size {batch_size}: {mode}, {share:.0%} of the products alone in fp32")
    for process in processes.values():
        process.shutdown()
    summary = {
        "cells": options.cells,
        "genes": GENES,
        "processor": platform.processor() or platform.machine(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "loops": rows,
        "best_mode": best,
        "probe": probe(),
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(summary, indent=1) + "\n")
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
