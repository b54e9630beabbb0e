"""Training on a graphics card: cells per second, share of its measured peak, and the loss against the CPU's.

Three networks in each precision:

* autoencoder 3000-128-64-128-3000, Poisson, at batch 128, 1024 and 8192;
* variational autoencoder of 3000 genes with widths 128-10, negative binomial, at batch 128 and 1024;
* funnel 19-128-64-2 on components, squared error, at batch 1024 and 8192.

Counts are synthetic, 5 % above zero, of cells of eight types, and lie on the card. The peak is the rate of a large
bf16 matrix product in the same run. Operations are those of the matrix products of the linear layers alone. Beside the
speed stands how often a step makes the CPU wait for the card, counted in one epoch of many and one of few steps.

    python benchmarks/gpu.py [--device cuda] [--cells 131072] [--epochs 4] [--out FILE]

``--device cpu`` runs all of it at a small size. It needs torch, numpy, scipy, psutil, safetensors and pydantic and
nothing else of the app. On a machine without a network bring what it lacks as wheels: where there is one,

    pip download --only-binary=:all: --dest wheels pydantic==2.14.3 scipy safetensors psutil

(with ``--python-version`` and ``--platform`` of the other machine), and there
``pip install --no-index --find-links wheels pydantic scipy safetensors psutil``, or ``--target DIR`` and DIR on the
PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

NEEDED = ("torch", "numpy", "scipy", "psutil", "safetensors", "pydantic")
MISSING = [name for name in NEEDED if find_spec(name) is None]
if MISSING:
    sys.stderr.write(f"Packages are missing. Got none of {', '.join(MISSING)}. See the head of {__file__}.\n")
    raise SystemExit(2)

import numpy as np  # noqa: E402  # what is missing is said first
import torch  # noqa: E402
from scipy import sparse  # noqa: E402
from torch import nn  # noqa: E402

from core.networks.build import build  # noqa: E402
from core.networks.objective import Objective  # noqa: E402
from core.recipes import recipe  # noqa: E402
from core.specs import (  # noqa: E402
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ReconstructionSpec,
    TrainSpec,
    VariationalSpec,
)
from core.training.batches import ArrayBatches  # noqa: E402
from core.training.precision import PRECISIONS, wait  # noqa: E402
from core.training.trainer import fit  # noqa: E402

if TYPE_CHECKING:
    from core.training.epoch import Epoch

GENES, EVERY, TYPES, COMPONENTS = 3000, 20, 8, 19
RESULTS = Path(__file__).parent / "results" / "gpu.json"
COMPARED, COMPARED_EPOCHS, COMPARED_BATCH = 4096, 5, 128
WITHIN = {"fp32": 1e-3, "medium": 2e-3, "bf16": 5e-3}
"""Largest share by which the loss may differ from the CPU's in fp32, by precision."""
DRAWN_WITHIN = 1e-2
"""The same for a variational code: the card draws other random numbers."""
PEAK_SIDE = {"cuda": 8192, "cpu": 1024, "mps": 4096}
SOFTPLUS = {"activation": "softplus"}
FUNNEL = recipe("funnel_autoencoder").spec


@dataclass(frozen=True)
class Case:
    """One network, what it minimises, and the batch sizes it is timed at."""

    name: str
    network: NetworkSpec
    objective: ObjectiveSpec
    n_inputs: int
    batches: tuple[int, ...]

    def made(self) -> nn.Module:
        """The network with its start weights."""
        return build(self.network, self.objective, self.n_inputs, 0, torch.Generator().manual_seed(0))

    def cells(self, n: int) -> ArrayBatches:
        """Synthetic cells for it."""
        rng = np.random.default_rng(0)
        if self.n_inputs == COMPONENTS:
            spread = 1 / np.sqrt(np.arange(1, COMPONENTS + 1))
            return ArrayBatches((rng.normal(size=(n, COMPONENTS)) * spread).astype(np.float32))
        return ArrayBatches(counts(n, rng))

    def operations(self) -> int:
        """Operations of a training step per cell: forwards, and backwards to weights and inputs."""
        layers = [module for module in self.made().modules() if isinstance(module, nn.Linear)]
        products = [2 * layer.in_features * layer.out_features for layer in layers]
        first = sum(each for each, layer in zip(products, layers, strict=True) if layer is layers[0])
        return 3 * sum(products) - first  # nothing flows back into the cells


CASES = (
    Case(
        "autoencoder, Poisson",
        NetworkSpec(
            encoder=(LayerSpec(units=128, **SOFTPLUS),),
            code=LayerSpec(units=64, **SOFTPLUS),
            output_activation="softplus",
        ),
        ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson")),
        GENES,
        (128, 1024, 8192),
    ),
    Case(
        "variational, negative binomial",
        NetworkSpec(
            encoder=(LayerSpec(units=128),),
            code=LayerSpec(units=10, activation="linear"),
            output_activation="softplus",
            library_size=True,
        ),
        ObjectiveSpec(
            reconstruction=ReconstructionSpec(loss="negative_binomial"), variational=VariationalSpec(warm_up=0)
        ),
        GENES,
        (128, 1024),
    ),
    Case("funnel", FUNNEL.network, FUNNEL.objective, COMPONENTS, (1024, 8192)),
)


def counts(n: int, rng: np.random.Generator) -> sparse.csr_matrix:
    """Counts (n, 3000) of cells of eight types: of each 20 genes one is seen, how often is up to the type."""
    per_cell = GENES // EVERY
    columns = np.arange(per_cell) * EVERY + rng.integers(0, EVERY, (n, per_cell))
    level = rng.gamma(0.5, 4.0, (TYPES, GENES))
    values = 1 + rng.poisson(level[rng.integers(0, TYPES, n)[:, None], columns])
    starts = np.arange(n + 1) * per_cell
    parts = values.ravel().astype(np.float32), columns.ravel().astype(np.int32), starts.astype(np.int32)
    return sparse.csr_matrix(parts, shape=(n, GENES))


def trained(
    case: Case, cells: ArrayBatches, device: torch.device, precision: str, batch_size: int, epochs: int
) -> list[Epoch]:
    """The records of a run without validation."""
    spec = TrainSpec(batch_size=batch_size, epochs=epochs, precision=precision, patience=None, restore_best=False)
    return list(fit(case.made(), Objective(case.objective), cells, None, spec, seed=0, device=device))


def peak(device: torch.device, seconds: float = 2.0) -> float:
    """Operations per second of a large bf16 matrix product, the best of all that fit into ``seconds``."""
    side = PEAK_SIDE[device.type]
    left, right = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        wait(device)
        began = time.perf_counter()
        torch.mm(left, right)
        wait(device)
        best = min(best, time.perf_counter() - began)
    return 2 * side**3 / best


def waits_per_step(case: Case, cells: ArrayBatches, device: torch.device) -> float | None:
    """How often a step makes the CPU wait for the card; ``None`` on other devices, which cannot tell.

    Counted in epochs of many and of few steps, so that what an epoch needs once falls out.
    """
    if device.type != "cuda":
        return None
    trained(case, cells, device, "fp32", case.batches[0], 1)  # data and libraries are there from now on
    few, many = (max(case.batches), min(case.batches))
    counted = []
    for batch_size in (few, many):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            torch.cuda.set_sync_debug_mode("warn")
            trained(case, cells, device, "fp32", batch_size, 1)
            torch.cuda.set_sync_debug_mode("default")
        counted.append(sum("synchronizing" in str(warning.message) for warning in said))
    steps = [-(-cells.n // batch_size) for batch_size in (few, many)]
    return (counted[1] - counted[0]) / max(1, steps[1] - steps[0])


def speeds(device: torch.device, n_cells: int, epochs: int, most: float) -> Iterator[dict[str, Any]]:
    """Cells per second of each network, precision and batch size, and its share of the peak ``most``."""
    for case in CASES:
        cells, operations = case.cells(n_cells), case.operations()
        waits = waits_per_step(case, cells, device)
        for precision in PRECISIONS:
            for batch_size in case.batches:
                records = trained(case, cells, device, precision, batch_size, epochs + 1)
                rate = statistics.median(record.cells_per_second for record in records[1:])
                yield {
                    "network": case.name,
                    "precision": precision,
                    "batch_size": batch_size,
                    "cells_per_second": round(rate),
                    "share_of_peak": rate * operations / most,
                    "waits_per_step": waits,
                    "loss": records[-1].train["loss"],
                }


def losses(device: torch.device, n_cells: int) -> Iterator[dict[str, Any]]:
    """The loss after some epochs, in each precision, against that of the CPU in fp32."""
    for case in CASES:
        cells = case.cells(n_cells)
        (*_, expected) = trained(case, cells, torch.device("cpu"), "fp32", COMPARED_BATCH, COMPARED_EPOCHS)
        for precision in PRECISIONS:
            (*_, found) = trained(case, cells, device, precision, COMPARED_BATCH, COMPARED_EPOCHS)
            apart = abs(found.train["loss"] / expected.train["loss"] - 1)
            within = max(WITHIN[precision], DRAWN_WITHIN if case.objective.variational else 0)
            yield {
                "network": case.name,
                "precision": precision,
                "loss": found.train["loss"],
                "loss_on_cpu": expected.train["loss"],
                "apart": apart,
                "within": within,
                "agrees": apart <= within,
            }


def described(device: torch.device) -> dict[str, Any]:
    """What was measured on."""
    found: dict[str, Any] = {"device": device.type, "torch": torch.__version__}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found |= {"name": properties.name, "memory": properties.total_memory, "cuda": torch.version.cuda}
    else:
        found |= {"name": platform.processor() or platform.machine(), "load_before": round(os.getloadavg()[0], 2)}
    return found


def main() -> int:
    """Measure, print and store; 2 where there is no such device, 1 where a loss differs from the CPU's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cuda", "cpu", "mps"), default="cuda")
    parser.add_argument("--cells", type=int, help="cells of a timed epoch; 131,072 on a card, 2,048 on the CPU")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if not there[options.device]:
        remedy = "Run it on a machine with one, or with --device cpu"
        sys.stderr.write(f"This machine has no such device. Got {options.device}. {remedy}.\n")
        return 2
    device = torch.device(options.device)
    small = device.type == "cpu"
    n_cells = options.cells or (2048 if small else 131_072)
    if small:
        torch.set_num_threads(1)
    most = peak(device, 0.5 if small else 2.0)
    summary = {**described(device), "cells": n_cells, "epochs": options.epochs, "bf16_peak": most}
    print(f"{summary['name']}: {most / 1e12:.2f} TFLOP/s in bf16\n")
    print(f"{'network':32} {'precision':9} {'batch':>6} {'cells/s':>12} {'of peak':>8} {'waits/step':>10}")
    timed = []
    for row in speeds(device, n_cells, options.epochs, most):
        timed.append(row)
        waits = "" if row["waits_per_step"] is None else f"{row['waits_per_step']:.2f}"
        words = f"{row['network']:32} {row['precision']:9} {row['batch_size']:6} {row['cells_per_second']:12,}"
        print(f"{words} {row['share_of_peak']:8.2%} {waits:>10}")
    print(f"\n{'network':32} {'precision':9} {'loss':>10} {'on CPU':>10} {'apart':>9} {'within':>7}")
    compared = []
    for row in losses(device, min(COMPARED, n_cells)):
        compared.append(row)
        words = f"{row['network']:32} {row['precision']:9} {row['loss']:10.5f} {row['loss_on_cpu']:10.5f}"
        print(f"{words} {row['apart']:9.4%} {row['within']:7.2%} {'' if row['agrees'] else 'DIFFERS'}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**summary, "speeds": timed, "losses": compared}, indent=1) + "\n")
    print(f"\nwritten to {options.out}")
    return 0 if all(row["agrees"] for row in compared) else 1


if __name__ == "__main__":
    sys.exit(main())
