"""Whether simulated cells help with rare types.

    python benchmarks/simulated_cells.py [--seeds 0 1 2] [--to 200]

pbmc3k, whose dendritic cells and platelets are few (32 and 14 cells), by the recipe mixer, taking apart 1,000 mixtures
of 500 cells that no network saw: concordance of all types, of each rare one, and their mean absolute errors, without
simulated cells and with as many as bring each type to ``--to`` training cells, by both count models. ``auc``: how well
a classifier tells simulated from held-out real cells of the rare types (.5: not at all).

Data are read from CELLDESK_TEST_DATA, results go to results/simulated_cells.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import pandas as pd
from verbs import DATA, HOME, run

RESULTS = HOME / "benchmarks" / "results" / "simulated_cells.json"
RARE = ("DC", "Platelet")


def measure(seed: int, settings: list[str]) -> dict[str, float]:
    """One run."""
    words = ["--reference", str(DATA / "cells" / "pbmc3k.h5ad"), "--labels", "cell_type", "--seed", str(seed)]
    words += ["--bulk", str(DATA / "bulk" / "monaco_expression.csv.gz")]
    for setting in settings:
        words += ["--set", setting]
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "run"
        found: dict[str, float] = {"cpu_s": run(out, "deconvolve", *words)}
        table = pd.read_csv(out / "even_metrics.csv", index_col="cell_type")
        for name in ("all", *RARE):
            found |= {f"{name}_ccc": float(table.loc[name, "CCC"]), f"{name}_error": float(table.loc[name, "MAE"])}
        if (out / "simulated_types.csv").exists():
            types = pd.read_csv(out / "simulated_types.csv", index_col="cell_type")
            found |= {f"{name}_auc": float(types.loc[name, "auc"]) for name in RARE if name in types.index}
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--to", type=int, default=200)
    options = parser.parse_args()
    up_to = f"analysis.simulate_to={options.to}"
    ways = {"none": [], "nb": [up_to, "analysis.count_model=nb"], "zinb": [up_to, "analysis.count_model=zinb"]}
    stored: dict[str, dict[str, float]] = {}
    for name, settings in ways.items():
        rows = [measure(seed, settings) for seed in options.seeds]
        stored[name] = {key: statistics.mean(row[key] for row in rows) for key in rows[0]}
        print(name, {key: round(value, 3) for key, value in stored[name].items()}, flush=True)
    RESULTS.write_text(json.dumps({"to": options.to, "seeds": options.seeds, "means": stored}, indent=1) + "\n")


if __name__ == "__main__":
    main()
