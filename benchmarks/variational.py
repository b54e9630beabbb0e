"""A variational network with a negative binomial loss against scvi-tools' SCVI: epochs per CPU second, held-out loss.

    make env-scvi                                   an environment of its own for scvi-tools
    python benchmarks/variational.py [--epochs 100] [--seeds 0 1 2] [--peer .venv-scvi/bin/python]

Both have SCVI's layers: 128 hidden units with batch norm, relu and dropout of 0.1, a code of 10, a dispersion for each
gene, a softmax times the library size as output; batches of 128, Adam at 1e-3, and the same warm-up of the divergence.
They learn from the same nine tenths of pbmc3k's cells (3,000 genes of the highest variance of log counts, chosen in
those) for the same number of epochs, each after one epoch of a network that is thrown away: what is loaded once is no
cost of an epoch. The held-out loss is the negative log-likelihood per count of the other cells, each decoded from the
mean of its code. One thread; each measurement is a process of its own, and they take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

HOME = Path(__file__).parents[1]
DATA = Path(os.environ.get("CELLDESK_TEST_DATA", HOME.parent / "shared" / "data"))
RESULTS = Path(__file__).parent / "results" / "variational.json"
GENES, HIDDEN, CODE, BATCH = 3000, 128, 10, 128
WARM_UP = 400  # epochs, SCVI's default
MODES = ("scvi", "fp32", "medium", "bf16")


def split(folder: Path, seed: int) -> None:
    """Write the cells to learn from and those held out."""
    import anndata

    counts = sparse.csr_matrix(anndata.read_h5ad(DATA / "cells" / "pbmc3k.h5ad").X).astype(np.float32)
    order = np.random.default_rng(seed).permutation(counts.shape[0])
    held_out, kept = order[: len(order) // 10], order[len(order) // 10 :]
    logs = counts[kept].log1p()
    variance = logs.multiply(logs).mean(axis=0).A1 - logs.mean(axis=0).A1 ** 2
    genes = np.sort(np.argsort(-variance)[:GENES])
    sparse.save_npz(folder / "train.npz", counts[kept][:, genes])
    sparse.save_npz(folder / "held_out.npz", counts[held_out][:, genes])


def ours(folder: Path, precision: str, epochs: int, seed: int) -> dict[str, float]:
    """CPU seconds of an epoch, and the held-out loss after the last."""
    sys.path.insert(0, str(HOME))
    import torch

    from core.networks.build import build
    from core.networks.objective import Objective
    from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec, VariationalSpec
    from core.training.batches import ArrayBatches
    from core.training.trainer import fit

    hidden = LayerSpec(units=HIDDEN, activation="relu", norm="batch")
    network_spec = NetworkSpec(
        input_log=True,
        encoder=(hidden.model_copy(update={"dropout": 0.1}),),
        code=LayerSpec(units=CODE, activation="linear"),
        decoder=(hidden,),
        output_activation="softmax",
        library_size=True,
    )
    objective = ObjectiveSpec(
        reconstruction=ReconstructionSpec(loss="negative_binomial"), variational=VariationalSpec(warm_up=WARM_UP)
    )
    train, held_out = (ArrayBatches(sparse.load_npz(folder / f"{name}.npz")) for name in ("train", "held_out"))
    for n_epochs in (1, epochs):
        network = build(network_spec, objective, GENES, 0, torch.Generator().manual_seed(seed))
        training = TrainSpec(
            batch_size=BATCH, epochs=n_epochs, patience=None, weight_decay=1e-6, precision=precision, restore_best=False
        )
        began = time.process_time()
        for _ in fit(network, Objective(objective), train, None, training, seed=seed):
            pass
        seconds = time.process_time() - began
    with torch.no_grad():
        losses = [
            float(Objective(objective)(network, network(batch.x, batch.library_size), batch)[1]["reconstruction"])
            for batch in held_out.epoch(0, 10_000, None, torch.device("cpu"))
        ]
    return {"cpu_s_per_epoch": seconds / epochs, "held_out": losses[0]}


def scvi(folder: Path, epochs: int, seed: int) -> dict[str, float]:
    """The same of SCVI; runs in the environment that has it."""
    import anndata
    import torch
    from scvi import settings
    from scvi.model import SCVI

    torch.set_num_threads(1)
    train, held_out = (anndata.AnnData(sparse.load_npz(folder / f"{name}.npz")) for name in ("train", "held_out"))
    SCVI.setup_anndata(train)
    options = {"train_size": 1.0, "batch_size": BATCH, "accelerator": "cpu", "enable_progress_bar": False}
    options |= {"logger": False, "enable_checkpointing": False, "plan_kwargs": {"n_epochs_kl_warmup": WARM_UP}}
    for n_epochs in (1, epochs):
        settings.seed = seed
        model = SCVI(train, n_hidden=HIDDEN, n_latent=CODE, gene_likelihood="nb")
        began = time.process_time()
        model.train(max_epochs=n_epochs, **options)
        seconds = time.process_time() - began
    x = torch.from_numpy(held_out.X.toarray())
    nobody = torch.zeros(len(x), 1)
    with torch.no_grad():
        coded = model.module.inference(x, nobody)
        decoded = model.module.generative(coded["qz"].loc, torch.log(x.sum(1, keepdim=True)), nobody)
        loss = -decoded["px"].log_prob(x).mean()
    return {"cpu_s_per_epoch": seconds / epochs, "held_out": float(loss)}


def measured(python: str, folder: Path, mode: str, epochs: int, seed: int) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [python, __file__, "--one", mode, "--folder", str(folder), "--epochs", str(epochs), "--seed", str(seed)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{mode} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(options: argparse.Namespace) -> None:
    """Measure, print and store."""
    rows = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as name:
            split(Path(name), seed)
            for mode in MODES:
                python = options.peer if mode == "scvi" else sys.executable
                rows.append({"mode": mode, "seed": seed} | measured(python, Path(name), mode, options.epochs, seed))
                print(rows[-1], flush=True)
    summary = {}
    for mode in MODES:
        own = [row for row in rows if row["mode"] == mode]
        summary[mode] = {name: statistics.median(row[name] for row in own) for name in ("cpu_s_per_epoch", "held_out")}
    for found in summary.values():
        found["speed"] = round(summary["scvi"]["cpu_s_per_epoch"] / found["cpu_s_per_epoch"], 2)
        found["held_out_against_scvi"] = round(found["held_out"] / summary["scvi"]["held_out"] - 1, 4)
    for mode, found in summary.items():
        print(f"{mode:7} {found['speed']:5.2f}x, held-out loss {found['held_out_against_scvi']:+.2%} of SCVI's")
    RESULTS.write_text(json.dumps({"epochs": options.epochs, "modes": summary, "rows": rows}, indent=1) + "\n")


def main() -> None:
    """Compare, or make one measurement of the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--peer", default=str(HOME / ".venv-scvi" / "bin" / "python"))
    parser.add_argument("--one", choices=MODES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "scvi":
        print(json.dumps(scvi(options.folder, options.epochs, options.seed)))
    elif options.one:
        print(json.dumps(ours(options.folder, options.one, options.epochs, options.seed)))
    elif not Path(options.peer).exists():
        print(f"Nothing to compare with. Got no {options.peer}. Run `make env-scvi` first, or name a Python by --peer.")
    else:
        compare(options)


if __name__ == "__main__":
    main()
