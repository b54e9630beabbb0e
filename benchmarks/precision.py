"""What each precision of the matrix products costs at the end: accuracy of annotation, test loss of an autoencoder.

    python benchmarks/precision.py [--seeds 0 1 2]

``annotate`` with its default recipe, pbmc3k -> pbmc_3tech, scored as in ``verbs``; ``represent`` with the pathway
autoencoder on pbmc3k and the Hallmark gene sets, the best Poisson loss on cells kept for validation. Everything but the
precision is the same, so what differs between rows of a seed is rounding and what follows from it; beside it stands how
far the seeds of fp32 lie apart. Data are read from CELLDESK_TEST_DATA, results go to results/precision.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from verbs import DATA, annotate, run

from core.training.precision import PRECISIONS

RESULTS = Path(__file__).parent / "results" / "precision.json"
SCORES = ("accuracy", "macro_f1", "annotate_cpu_s", "loss", "represent_cpu_s")


def represent(out: Path, seed: int, *settings: str) -> dict[str, float]:
    """Best validation loss and CPU seconds of the pathway autoencoder."""
    paths = ["--data", str(DATA / "cells" / "pbmc3k.h5ad"), "--recipe", "pathway_autoencoder"]
    paths += ["--gene-sets", str(DATA / "gene_sets" / "hallmark_human.gmt")]
    seconds = run(out, "represent", *paths, "--seed", str(seed), *settings)
    epochs = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return {"loss": min(epoch["validation"]["reconstruction"] for epoch in epochs), "represent_cpu_s": seconds}


def measure(precision: str, seed: int) -> dict[str, float]:
    """Both tasks at one precision and seed."""
    setting = ("--set", f"training.precision={precision}")
    with tempfile.TemporaryDirectory() as folder:
        found = annotate(Path(folder) / "annotate", seed, *setting)
        found["annotate_cpu_s"] = found.pop("cpu_s")
        found |= represent(Path(folder) / "represent", seed, *setting)
    return {name: round(found[name], 4) for name in SCORES}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    rows = []
    for seed in options.seeds:
        for precision in PRECISIONS:
            rows.append({"precision": precision, "seed": seed} | measure(precision, seed))
            print(rows[-1], flush=True)
    summary = {}
    for precision in PRECISIONS:
        own = [row for row in rows if row["precision"] == precision]
        summary[precision] = {name: round(statistics.mean(row[name] for row in own), 4) for name in SCORES}
        print(f"{precision:7}", summary[precision])
    exact = [row for row in rows if row["precision"] == PRECISIONS[0]]
    spread = {name: round(max(row[name] for row in exact) - min(row[name] for row in exact), 4) for name in SCORES}
    print("seeds of fp32 apart", spread)
    RESULTS.write_text(json.dumps({"means": summary, "fp32_seeds_apart": spread, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
