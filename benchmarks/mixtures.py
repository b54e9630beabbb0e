"""How fast mixtures are simulated, beside loops over a pandas table.

    python benchmarks/mixtures.py [--repeats 3]

10,000 mixtures of 100 and of 500 cells of pbmc3k on all its 13,714 genes, Dirichlet(1) shares, counts summed; CPU
seconds, median of the repeats, drawing of the cells included. Two loops over a dense table stand beside: one takes all
cells of a type out of it, then those of the mixture, type by type, as Scaden's program does; the other takes the rows
of the mixture at once. They are measured on fewer mixtures and their time is scaled up. All give the same sums.

Data are read from CELLDESK_TEST_DATA, results go to results/mixtures.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

import anndata
import numpy as np
import pandas as pd
from scipy import sparse
from verbs import DATA, HOME

from core.composition.mixtures import Mixtures, from_counts
from core.composition.pool import Pool, pool_of
from core.composition.pseudobulk import add_raw_count
from core.data.labels import as_labels

RESULTS = HOME / "benchmarks" / "results" / "mixtures.json"
MIXTURES = 10_000
LOOPED = 100


def drawn(pool: Pool, n: int, cells: int, seed: int) -> Mixtures:
    """Cells of ``n`` mixtures with Dirichlet(1) shares."""
    rng = np.random.default_rng(seed)
    return from_counts(pool, rng.multinomial(cells, rng.dirichlet(np.ones(pool.n_types), n)), rng)


def ours(counts: sparse.csr_matrix, pool: Pool, cells: int, repeats: int) -> list[float]:
    """CPU seconds of each repeat."""
    found = []
    for seed in range(repeats):
        start = time.process_time()
        add_raw_count(counts, drawn(pool, MIXTURES, cells, seed))
        found.append(time.process_time() - start)
    return found


def by_type(table: pd.DataFrame, codes: np.ndarray, made: Mixtures) -> np.ndarray:
    """The sums by a loop over mixtures and types, as Scaden's program makes them."""
    place = np.empty(len(codes), dtype=np.int64)  # of each cell among those of its type
    for code in np.unique(codes):
        place[codes == code] = np.arange((codes == code).sum())
    sums = []
    for number in range(len(made)):
        cells = made.cells_of(number)
        parts = [
            table.loc[codes == code, :].iloc[place[cells[codes[cells] == code]], :] for code in np.unique(codes[cells])
        ]
        sums.append(pd.concat(parts, axis=0).sum(axis=0).to_numpy())
    return np.stack(sums)


def at_once(table: pd.DataFrame, codes: np.ndarray, made: Mixtures) -> np.ndarray:
    """The sums by a loop that takes each mixture's rows at once."""
    return np.stack([table.iloc[made.cells_of(number)].sum(axis=0).to_numpy() for number in range(len(made))])


LOOPS = {"loop as in Scaden": by_type, "leaner loop": at_once}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    cells = anndata.read_h5ad(DATA / "cells" / "pbmc3k.h5ad")
    counts = sparse.csr_matrix(cells.layers.get("counts", cells.X), dtype=np.float32)
    labels = as_labels(cells.obs["cell_type"])
    codes = labels.cat.codes.to_numpy()
    pool = pool_of(codes, len(labels.cat.categories))
    table = pd.DataFrame(counts.toarray())
    add_raw_count(counts, drawn(pool, 10, 10, 0))  # compiled before the clock runs
    stored: dict[str, Any] = {"genes": counts.shape[1], "mixtures": MIXTURES, "looped": LOOPED}
    for size in (100, 500):
        seconds = ours(counts, pool, size, options.repeats)
        own, made = statistics.median(seconds), drawn(pool, LOOPED, size, 0)
        stored[f"{size} cells"] = row = {"cpu_s": own, "repeats": seconds}
        print(f"{size} cells: {own:.2f} CPU s")
        for name, loop in LOOPS.items():
            start = time.process_time()
            sums = loop(table, codes, made)
            took = (time.process_time() - start) * MIXTURES / LOOPED
            np.testing.assert_allclose(add_raw_count(counts, made), sums, rtol=1e-5)
            row[name] = {"cpu_s": took, "times": took / own}
            print(f"  {name}: {took:.0f} CPU s (scaled up), {took / own:.0f} times as much")
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
