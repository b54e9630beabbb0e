"""Saliency of all units at once: CPU seconds, memory, and how exact the guided rule is for every activation.

64 units x 3,000 genes x 2,638 cells, encoder 3,000-128-64 with softplus, random weights and counts, one thread, fp32.
``closed_form`` is what the product uses for two-layer encoders, ``graph`` its engine for all others, ``one_by_one`` a
forward and backward pass for each unit, streamed over the same chunks of cells. Memory is the peak of a process above
what it held with model and cells read. Exactness: largest difference from finite differences of each activation,
carried through the rule layer by layer in float64, and of the plain gradient from those of the whole network.

    python benchmarks/saliency.py [--repeats 3] [--dry]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from scipy import sparse

from core.interpretation import saliency as engine
from core.interpretation.guided import guided
from core.networks.activations import activation
from core.networks.build import build
from core.networks.network import Network
from core.recipes import recipe
from core.specs import Activation

CELLS, GENES, UNITS = 2638, 3000, 64
DENSITY = 0.05
RESULTS = Path(__file__).parent / "results" / "saliency.json"
ENGINES = ("closed_form", "graph", "one_by_one")
METHODS = ("guided", "gradient", "gradient_x_input", "guided_x_input", "integrated")


def network() -> Network:
    """3,000 genes to 128 hidden to 64 code units, softplus behind both, as the published recipe has it."""
    spec = recipe("pathway_autoencoder").spec
    return build(spec.network, spec.objective, GENES, 0, torch.Generator().manual_seed(0)).eval()


def counts(cells: int) -> sparse.csr_matrix:
    """(cells, GENES), sparse counts."""
    made = sparse.random(cells, GENES, DENSITY, format="csr", random_state=0, dtype=np.float32)
    made.data = np.ceil(5 * made.data)
    return made


def one_by_one(net: Network, values: sparse.csr_matrix) -> np.ndarray:
    """(UNITS, GENES), mean |guided saliency| with one forward and backward pass for each unit."""
    total = torch.zeros(UNITS, GENES, dtype=torch.float64)
    for start in range(0, values.shape[0], engine.CHUNK):
        part = torch.from_numpy(values[start : start + engine.CHUNK].toarray())
        for unit in range(UNITS):
            x = part.clone().requires_grad_()
            with guided(net):
                net.encode(x)[:, unit].sum().backward()
            assert x.grad is not None
            total[unit] += x.grad.abs().sum(dim=0)
    return (total / values.shape[0]).numpy()


def measured(name: str, net: Network, values: sparse.csr_matrix, method: str = "guided") -> np.ndarray:
    """(UNITS, GENES) by one of `ENGINES`."""
    if name == "one_by_one":
        return one_by_one(net, values)
    layers = engine.two_layers
    if name == "graph":
        engine.two_layers = lambda *_: None
    try:
        return engine.saliency(net, values, method=method).absolute  # type: ignore[arg-type]  one of METHODS
    finally:
        engine.two_layers = layers


def seconds(work: Callable[[], object], repeats: int) -> float:
    """CPU seconds of the quickest of several."""
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return round(min(taken), 3)


def peak(name: str, cells: int) -> float:
    """MB of a new process at its highest, above what it held with model and cells read."""
    command = [sys.executable, __file__, "--memory", name, "--cells", str(cells)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def own_peak(name: str, cells: int) -> float:
    """The same, within that process."""
    net, values = network(), counts(cells)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far, of reading libraries, is forgotten
    before = _held("VmRSS")
    measured(name, net, values)
    return (_held("VmHWM") - before) / 1024


def _held(what: str) -> int:
    """Memory of this process in kB, as Linux counts it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def differences(of: Callable[[torch.Tensor], torch.Tensor], at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """(n, n_out, n_in), derivative of every output by every input, by central differences."""
    with torch.no_grad():
        sides = [
            (of(torch.from_numpy(at + move)), of(torch.from_numpy(at - move))) for move in step * np.eye(at.shape[1])
        ]
    return np.stack([((above - below) / (2 * step)).numpy() for above, below in sides], axis=2)


def exactness(name: str) -> dict[str, float]:
    """Largest absolute differences of one activation, of weights and values near 1."""
    generator = torch.Generator().manual_seed(1)
    linear = [torch.nn.Linear(12, 8).double(), torch.nn.Linear(8, 4).double()]
    for layer in linear:
        for parameter in layer.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / 2
    net = torch.nn.Sequential(linear[0], activation(name), linear[1], activation(name))  # type: ignore[arg-type]
    net.encode = net.forward  # type: ignore[assignment]  saliency asks for the code
    x = np.random.default_rng(2).normal(size=(20, 12))
    with torch.no_grad():
        before = [linear[0](torch.from_numpy(x))]
        before.append(linear[1](net[1](before[0])))
    slopes = [differences(net[place], values.numpy()) for place, values in zip((1, 3), before, strict=True)]
    weights = [layer.weight.detach().numpy() for layer in linear]
    # a linear layer has no activation, so nothing is held back behind it
    helping = (lambda back: back) if name == "linear" else (lambda back: np.maximum(back, 0))
    hidden = helping(np.einsum("nui,ij->nuj", slopes[1], weights[1]))
    by_rule = np.einsum("nui,nij,jg->nug", hidden, slopes[0], weights[0])
    found = {"guided": by_rule, "gradient": differences(net, x)}
    return {method: float(np.abs(each(net, x, method) - expected).max()) for method, expected in found.items()}


def each(net: torch.nn.Module, x: np.ndarray, method: str) -> np.ndarray:
    """(n_cells, n_units, n_genes), one cell at a time."""
    return np.stack([engine.saliency(net, cell[None], method=method).signed for cell in x])  # type: ignore[arg-type]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="few cells, nothing stored")
    parser.add_argument("--cells", type=int, default=CELLS, help=argparse.SUPPRESS)
    parser.add_argument("--memory", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.memory:
        print(own_peak(options.memory, options.cells))
        return
    cells = 256 if options.dry else options.cells
    net, values = network(), counts(cells)
    found = {name: measured(name, net, values) for name in ENGINES}
    taken = {name: seconds(lambda name=name: measured(name, net, values), options.repeats) for name in ENGINES}
    methods = {
        method: seconds(lambda method=method: measured("closed_form", net, values, method), 1) for method in METHODS
    }
    exact = {name: exactness(name) for name in get_args(Activation)}
    report = {
        "cells": cells,
        "genes": GENES,
        "units": UNITS,
        "threads": 1,
        "precision": "fp32",
        "cpu_seconds": taken,
        "times_quicker": {name: round(taken["one_by_one"] / taken[name], 2) for name in ENGINES[:2]},
        "peak_mb_above_model_and_cells": {name: round(peak(name, cells), 1) for name in ENGINES},
        "largest_relative_difference": {
            name: float(np.abs(found[name] / found["one_by_one"] - 1).max()) for name in ENGINES[:2]
        },
        "closed_form_cpu_seconds_by_method": methods,
        "largest_difference_from_finite_differences": exact,
    }
    print(json.dumps(report, indent=1))
    if not options.dry:
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
