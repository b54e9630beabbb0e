"""Two CPU processes that share each batch against one: cells per second, and what sharing costs in CPU time.

The autoencoder of ``training.py`` (3000-128-64-128-3000, Poisson) at batch 1024, one thread for each process. Runs are
interleaved and the median of each is kept. The wall rate needs as many idle cores as processes, so the load of the
machine is noted beside it; CPU seconds (an epoch of a long run, start-up taken off by a short one) need no idle
machine. The processes compare every bit of their networks at the end: a run that ends has found them equal.

    python benchmarks/devices.py [--cells 16384] [--epochs 4] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
from pathlib import Path
from typing import Any

import torch
from scipy import sparse

from benchmarks.training import GENES, NETWORK, OBJECTIVE, counts
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import TrainSpec
from core.training.batches import ArrayBatches
from core.training.device import cores
from core.training.epoch import Epoch
from core.training.trainer import fit

BATCH = 1024
DEVICES = (1, 2)
RESULTS = Path(__file__).parent / "results" / "devices.json"


def trained(values: sparse.csr_matrix, devices: int, epochs: int) -> tuple[list[Epoch], dict[str, torch.Tensor], float]:
    """Records, weights and CPU seconds (of this process and its children) of a run."""
    network = build(NETWORK, OBJECTIVE, GENES, 0, torch.Generator().manual_seed(0))
    spec = TrainSpec(batch_size=BATCH, epochs=epochs, patience=None, restore_best=False, devices=devices)
    began = _cpu_seconds()
    records = list(fit(network, Objective(OBJECTIVE), ArrayBatches(values), None, spec, seed=0))
    return records, network.state_dict(), _cpu_seconds() - began


def measured(values: sparse.csr_matrix, epochs: int, repeats: int) -> dict[str, Any]:
    """The figures of one and of two processes, and their ratios."""
    walls: dict[int, list[float]] = {count: [] for count in DEVICES}
    works: dict[int, list[float]] = {count: [] for count in DEVICES}
    weights: dict[int, dict[str, torch.Tensor]] = {}
    for _ in range(repeats):
        for count in DEVICES:
            _, _, short = trained(values, count, 1)
            records, weights[count], long = trained(values, count, epochs + 1)
            walls[count].append(max(record.cells_per_second for record in records[1:]))
            works[count].append((long - short) / epochs)
    wall = {count: statistics.median(found) for count, found in walls.items()}
    work = {count: statistics.median(found) for count, found in works.items()}
    apart = max(float((weights[2][name] - value).abs().max()) for name, value in weights[1].items())
    return {
        "cells_per_second": {str(count): round(found) for count, found in wall.items()},
        "wall_ratio": round(wall[2] / wall[1], 2),
        "cpu_seconds_per_epoch": {str(count): round(found, 3) for count, found in work.items()},
        "cpu_ratio": round(work[2] / work[1], 2),
        "largest_difference_of_weights_from_one_process": apart,
        "processes_ended_with_equal_bits": True,
    }


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=16384)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    before = os.getloadavg()[0]
    found = measured(counts(options.cells), options.epochs, options.repeats)
    summary = {
        "cells": options.cells,
        "genes": GENES,
        "batch_size": BATCH,
        "epochs": options.epochs,
        "repeats": options.repeats,
        "processor": platform.processor() or platform.machine(),
        "cores": cores(),
        "load_before": round(before, 2),
        "torch": torch.__version__,
        **found,
    }
    print(json.dumps(summary, indent=1))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(summary, indent=1) + "\n")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
