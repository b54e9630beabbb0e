"""Training from cells on disk against training from memory: rate, final loss and peak memory.

An autoencoder 2000-128-64-128-2000 with a Poisson loss on synthetic counts of 20 cell types, 5 % of them above zero.
The file holds its cells type by type, the hardest order for blocks that are shuffled. Every measurement is a process of
its own; they are interleaved and the median of each is kept: only the ratios within one file can be compared.

    python benchmarks/on_disk.py [--cells 1000000] [--repeats 3] [--epochs 1]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GENES, TYPES, SHARE, BLOCK = 2000, 20, 0.05, 10_000
BATCH_SIZES = (128, 1024)
VALIDATION = 0.05
RESULTS = Path(__file__).parent / "results" / "on_disk.json"
FILE, CACHE = "cells.h5ad", "cache"
ROOM = 24
"""Bytes of disk for each value above zero: the file and both caches, with something to spare."""


def blocks(cells: int) -> Iterator[Any]:
    """Counts type by type: each type has genes of its own that are seen more often."""
    import numpy as np
    from scipy import sparse

    rng = np.random.default_rng(0)
    levels = rng.gamma(0.3, 1.0, (TYPES, GENES))
    levels = np.minimum(SHARE * levels / levels.mean(axis=1, keepdims=True), 0.9).astype(np.float32)
    for start in range(0, cells, BLOCK):
        kinds = np.arange(start, min(start + BLOCK, cells)) * TYPES // cells
        seen = sparse.csr_matrix(rng.random((len(kinds), GENES), dtype=np.float32) < levels[kinds], dtype=np.float32)
        seen.data = rng.geometric(0.5, seen.nnz).astype(np.float32)
        yield seen


def make(folder: Path, cells: int) -> dict[str, float]:
    """Write the file."""
    import anndata
    import pandas as pd

    from core.export.adata import write_adata

    obs = pd.DataFrame(index=pd.Index([f"cell_{number}" for number in range(cells)]))
    var = pd.DataFrame(index=pd.Index([f"GENE{number}" for number in range(GENES)]))
    write_adata(anndata.AnnData(None, obs, var), folder / FILE, blocks={"X": blocks(cells)})
    return {"bytes": (folder / FILE).stat().st_size}


def prepared(folder: Path, on_disk: bool) -> Any:
    """The network's input, as a run prepares it."""
    import numpy as np

    from core.data.align import align
    from core.data.cache import Storage
    from core.data.read import read
    from core.data.transform import fit
    from core.specs import SourceSpec, TransformSpec

    storage = Storage(folder / CACHE, "always") if on_disk else None
    dataset = read(SourceSpec(path=str(folder / FILE)), "reference", storage)
    aligned = align(dataset, list(dataset.genes))
    return fit(aligned, TransformSpec(normalise="none"), rng=np.random.default_rng(0)).apply(aligned)


def cache(folder: Path) -> dict[str, float]:
    """Write both caches: all genes as read, and the genes of the network."""
    began = time.perf_counter()
    prepared(folder, on_disk=True)
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in (folder / CACHE).rglob("*") if path.is_file())
    return {"seconds": seconds, "bytes": size, "peak_bytes": peak()}


def train(folder: Path, way: str, batch_size: int, epochs: int) -> dict[str, float]:
    """Train from ``way``: memory, disk, or disk through mapped files."""
    import numpy as np
    import torch

    from core.data import cache_file
    from core.data.split import stratified_split
    from core.networks.build import build
    from core.networks.objective import Objective
    from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
    from core.training.disk_batches import batches_of
    from core.training.trainer import fit

    if way == "mapped":
        cache_file.CacheFile._fetched = mapped  # type: ignore[method-assign]  the other way of reading, to compare
    x = prepared(folder, on_disk=way != "memory")
    softplus = {"activation": "softplus"}
    network = NetworkSpec(
        encoder=(LayerSpec(units=128, **softplus),), code=LayerSpec(units=64, **softplus), output_activation="softplus"
    )
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson"))
    spec = TrainSpec(batch_size=batch_size, epochs=epochs, precision="fp32", restore_best=False, threads=1)
    rows, kept = stratified_split(x.shape[0], VALIDATION, np.random.default_rng(0))
    learner = build(network, objective, GENES, 0, torch.Generator().manual_seed(0))
    batches, validation = batches_of(x[rows]), batches_of(x[kept])
    del x
    began, cpu = time.perf_counter(), time.process_time()
    found = list(fit(learner, Objective(objective), batches, validation, spec, seed=0))
    cells = epochs * len(rows)
    return {
        "cells_per_cpu_s": cells / (time.process_time() - cpu),
        "cells_per_s": cells / (time.perf_counter() - began),
        "loss": found[-1].validation["loss"],
        "peak_bytes": peak(),
    }


def mapped(self: Any, name: str, starts: Any, offsets: Any) -> Any:
    """``CacheFile._fetched`` through a mapped file."""
    import numpy as np

    stored = np.memmap(self.folder / name, dtype=self._types[name], mode="r")
    sizes = offsets[1:] - offsets[:-1]
    parts = [stored[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    return np.concatenate(parts) if parts else stored[:0]


def peak() -> int:
    """Most memory that this process has held, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def child(folder: Path, *what: object) -> dict[str, float]:
    """Do one thing in a process of its own and return what it measured."""
    command = [sys.executable, __file__, "--folder", str(folder), "--do", *map(str, what)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measured(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Medians of every way and batch size, and of the ratios to the run from memory that came just before."""
    runs: dict[tuple[str, int], list[dict[str, float]]] = {}
    for repeat in range(options.repeats):
        for batch_size in BATCH_SIZES:
            for way in ("memory", "disk", *(("mapped",) if repeat == 0 else ())):
                found = child(folder, "train", way, batch_size, options.epochs)
                runs.setdefault((way, batch_size), []).append(found)
                print(f"{way:7} {batch_size:5} {found}", file=sys.stderr, flush=True)
    rows = []
    for (way, batch_size), found in runs.items():
        row: dict[str, Any] = {"way": way, "batch_size": batch_size, "runs": len(found)}
        rows.append(row | {name: statistics.median(run[name] for run in found) for name in found[0]})
        before = runs["memory", batch_size]
        for name in ("cells_per_cpu_s", "cells_per_s", "loss"):
            pairs = [run[name] / base[name] for run, base in zip(found, before, strict=False)]
            rows[-1][f"{name}_ratio"] = statistics.median(pairs)
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--do", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.do:
        name, *rest = options.do
        acts = {"make": make, "cache": cache, "train": train}
        print(json.dumps(acts[name](options.folder, *(int(one) if one.isdigit() else one for one in rest))))
        return
    needed, free = ROOM * SHARE * GENES * options.cells, shutil.disk_usage(tempfile.gettempdir()).free
    if needed > free:
        sys.exit(f"{tempfile.gettempdir()} has {free / 1e9:.1f} GB free; about {needed / 1e9:.1f} GB are needed")
    with tempfile.TemporaryDirectory(prefix="celldesk-on-disk-") as name:
        folder = Path(name)
        made, written = child(folder, "make", options.cells), child(folder, "cache")
        print(
            f"file {made['bytes'] / 1e6:,.0f} MB, caches {written['bytes'] / 1e6:,.0f} MB in {written['seconds']:.1f} s"
        )
        rows = measured(folder, options)
    for row in rows:
        print(
            f"{row['way']:7} {row['batch_size']:5} {row['cells_per_cpu_s']:8,.0f} cells/CPU s "
            f"{row['cells_per_cpu_s_ratio']:5.2f}x {row['cells_per_s']:8,.0f} cells/s {row['cells_per_s_ratio']:5.2f}x "
            f"loss {row['loss']:.5f} {row['loss_ratio']:7.4f}x  peak {row['peak_bytes'] / 1e6:6,.0f} MB"
        )
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    stored[str(options.cells)] = {
        "genes": GENES,
        "epochs": options.epochs,
        "processor": platform.processor() or platform.machine(),
        "file_bytes": made["bytes"],
        "cache": written,
        "ways": rows,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
