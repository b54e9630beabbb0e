"""Label transfer from a large reference, and a trained model on a query that memory need not hold.

    python benchmarks/annotation_large.py [--reference 100000] [--query 10000] [--disk 1000000] [--seeds 0 1 2]

Cells are simulated: counts of 2,000 genes of 20 types, of which neighbours differ in 60 genes. ``cpu_s`` is what a run
says of itself on one thread: choosing genes, scaling, training, calibration and labels; reading files and drawing are
not in it. The runs follow one another in one process after a small one, which imports and compiles what they need, as
in a session of work; ``whole_cpu_s`` is a whole command in a process of its own. ``three_epochs`` is the plain network
that the bar was set with (256 and 64 units, batch 512, 3 epochs, Adam) on the same cells.

The query on disk is labelled with the model of the first seed, by a command of its own on as many threads as there are
processors, for the first time (its values are packed into the workspace then) and once more: wall time and the most
memory that the process held. UMAP places ``LANDMARKS`` of its cells, the others lie between them. Results go to
results/annotation_large.json.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse
from verbs import HOME

RESULTS = Path(__file__).parent / "results" / "annotation_large.json"
GENES, TYPES, MARKERS, DEPTH = 2000, 20, 60, 600
PIECE = 20_000
SMALL = 3000
LANDMARKS = 5000


def profiles() -> np.ndarray:
    """(n_types, n_genes), shares of counts; each type differs from the one before it in a few genes."""
    rng = np.random.default_rng(0)
    level = rng.lognormal(0, 1.5, GENES)
    found = []
    for _ in range(TYPES):
        level = level.copy()
        level[rng.choice(GENES, MARKERS, replace=False)] *= np.exp(rng.normal(0, 1.5, MARKERS))
        found.append(level / level.sum())
    return np.stack(found)


def piece(n: int, seed: int) -> anndata.AnnData:
    """``n`` cells with their types; totals vary from cell to cell, and so does each gene of a cell."""
    rng = np.random.default_rng(seed)
    types = rng.choice(TYPES, n, p=(share := np.geomspace(1, 0.05, TYPES)) / share.sum())
    mean = profiles()[types] * rng.lognormal(np.log(DEPTH), 0.4, (n, 1)) * rng.gamma(2, 0.5, (n, GENES))
    counts = sparse.csr_matrix(rng.poisson(mean).astype(np.float32))
    obs = pd.DataFrame({"cell_type": [f"type {each:02}" for each in types]})
    obs.index = pd.Index([f"{seed}_{number}" for number in range(n)])
    return anndata.AnnData(counts, obs, pd.DataFrame(index=[f"GENE{number}" for number in range(GENES)]))


def cells(n: int, seed: int) -> anndata.AnnData:
    """``n`` cells, made piece by piece."""
    sizes = [min(PIECE, n - start) for start in range(0, n, PIECE)]
    return anndata.concat([piece(size, 1000 * seed + number) for number, size in enumerate(sizes)])


def write(path: Path, n: int) -> None:
    """A file of ``n`` cells, which are never all in memory."""
    from core.export.adata import write_adata

    sizes = [min(PIECE, n - start) for start in range(0, n, PIECE)]
    obs: list[pd.DataFrame] = []
    stored = Path(f"{path}.pieces")
    stored.mkdir()
    for number, size in enumerate(sizes):
        part = piece(size, 3000 + number)
        obs.append(part.obs)
        sparse.save_npz(stored / f"{number}.npz", part.X, compressed=False)
    var = part.var
    blocks = ({"X": sparse.load_npz(stored / f"{number}.npz")} for number in range(len(sizes)))
    write_adata(anndata.AnnData(None, pd.concat(obs), var), path, blocks=blocks)
    shutil.rmtree(stored)


def annotate(out: Path, *arguments: str, threads: str = "1") -> dict[str, float]:
    """CPU and wall seconds and peak memory (GB) of ``python -m core annotate``."""
    capped = {"OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads}
    began = time.perf_counter()
    command = [sys.executable, "-m", "core", "annotate", *arguments, "--out", str(out)]
    with (out.parent / f"{out.name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=HOME, env={**os.environ, **capped}, stdout=log, stderr=log)
        peak, ended = 0, 0
        while not ended:
            # what wait4 says of memory begins with that of the process that started the command
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
                peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
            time.sleep(0.1)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
    if status:
        raise SystemExit((out.parent / f"{out.name}.log").read_text())
    return {
        "whole_cpu_s": used.ru_utime + used.ru_stime,
        "whole_s": time.perf_counter() - began,
        "peak_gb": peak / 1024**2,
    }


def annotate_here(out: Path, *arguments: str) -> dict[str, float]:
    """CPU seconds of the parts of the same run in this process."""
    from core.cli import main

    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        if main(["annotate", *arguments, "--out", str(out)]):
            raise SystemExit(f"The run in {out} failed")
    return json.loads((out / "summary.json").read_text())["cpu_seconds"]


def accuracy(out: Path, known: pd.Series) -> float:
    """Share of the cells whose best type is the known one."""
    table = pd.read_csv(out / "annotation.csv", index_col="cell", usecols=["cell", "cell_type"])
    return float((table.loc[known.index, "cell_type"] == known).mean())


def three_epochs(reference: anndata.AnnData, query: anndata.AnnData, seed: int) -> dict[str, float]:
    """A plain network of 256 and 64 units: its CPU seconds and accuracy."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    names, y = np.unique(reference.obs["cell_type"], return_inverse=True)
    began = time.process_time()
    parts = []
    for data in (reference, query):
        total = np.asarray(data.X.sum(axis=1)).ravel()
        parts.append(np.log1p((sparse.diags(1e4 / total) @ data.X).toarray()).astype(np.float32))
    mean, spread = parts[0].mean(axis=0), parts[0].std(axis=0) + 1e-6
    x, q = (torch.from_numpy(np.clip((part - mean) / spread, -10, 10)) for part in parts)
    layers = [nn.Linear(GENES, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, len(names))]
    net = nn.Sequential(*layers)
    optimiser, target = torch.optim.Adam(net.parameters(), 1e-3), torch.from_numpy(y)
    for _ in range(3):
        for rows in torch.randperm(len(x)).split(512):
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(x[rows]), target[rows]).backward()
            optimiser.step()
    with torch.no_grad():
        best = names[net(q).argmax(dim=1).numpy()]
    return {"cpu_s": time.process_time() - began, "accuracy": float((best == query.obs["cell_type"]).mean())}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", type=int, default=100_000)
    parser.add_argument("--query", type=int, default=10_000)
    parser.add_argument("--disk", type=int, default=1_000_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--write", nargs=2, metavar=("FILE", "CELLS"), help="only write a file of simulated cells")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="PATH=VALUE")
    options = parser.parse_args()
    if options.write:
        write(Path(options.write[0]), int(options.write[1]))
        return
    further = [word for setting in options.settings for word in ("--set", setting)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = {"reference": cells(options.reference, 1), "query": cells(options.query, 2)}
        for role, data in sets.items():
            data.write_h5ad(folder / f"{role}.h5ad")
        sets["query"][:SMALL].write_h5ad(folder / "small.h5ad")
        known = sets["query"].obs["cell_type"].astype(str)
        asked = ["--labels", "cell_type", "--recipe", "annotator_large", *further]
        paths = ["--reference", str(folder / "reference.h5ad"), "--query", str(folder / "query.h5ad")]
        small = str(folder / "small.h5ad")
        annotate_here(folder / "small", "--reference", small, "--query", small, *asked)
        rows = []
        for seed in options.seeds:
            out = folder / f"run{seed}"
            parts = annotate_here(out, *paths, *asked, "--seed", str(seed))
            row = {"seed": seed, "cpu_s": sum(parts.values()), **parts, "accuracy": accuracy(out, known)}
            plain = three_epochs(sets["reference"], sets["query"], seed)
            row |= {f"three_epochs_{key}": value for key, value in plain.items()}
            rows.append(row)
            print({key: round(value, 3) for key, value in row.items()}, flush=True)
        stored: dict[str, object] = {
            "cells": [options.reference, options.query],
            "medians": {key: statistics.median(row[key] for row in rows) for key in rows[0] if key != "seed"},
            "rows": rows,
            "whole": annotate(folder / "whole", *paths, *asked, "--seed", str(options.seeds[0])),
        }
        print(stored["medians"], stored["whole"], flush=True)
        if options.disk:
            os.environ["CELLDESK_WORKSPACE"] = str(folder / "workspace")
            big = folder / "big.h5ad"
            subprocess.run([sys.executable, __file__, "--write", str(big), str(options.disk)], check=True)
            truth = anndata.read_h5ad(big, backed="r").obs["cell_type"].astype(str)
            model = folder / f"run{options.seeds[0]}" / "model.safetensors"
            words = ["--model", str(model), "--query", str(big), "--set", f"analysis.embedding.landmarks={LANDMARKS}"]
            found = {}
            for name in ("first", "again"):
                found[name] = annotate(folder / name, *words, threads=str(os.cpu_count()))
                print(name, found[name], flush=True)
            found["accuracy"] = accuracy(folder / "first", truth)
            stored["disk"] = {"cells": options.disk, **found}
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
