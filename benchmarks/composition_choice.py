"""Settings of the composition's default recipe, chosen without any measured bulk: on references held out.

    python benchmarks/composition_choice.py [--variants NAME ...] [--tasks NAME ...] [--seed 0]

A variant is trained on one or two references of blood and reads mixtures of another one's cells: a gap between
protocols and donors whose truth is known. 200 mixtures vary as blood does (Dirichlet, concentration 25 around common
shares), 200 are Dirichlet(1), each of 500 cells of the types that both sides know; they are read as they are, and with
random gene factors (log standard deviation .7 and jitter .15 for each sample) on top, for what tells bulk from cells.
``even``: the run's own held-out mixtures, without a gap. One network each, so that networks are told apart, not
ensembles. ``ccc``: Lin's concordance over all values; ``type_r``: mean over types of Pearson's r.

Data are read from CELLDESK_TEST_DATA, results go to results/composition_choice.json.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from composition import HAO, POOLED, agreement
from scipy import sparse
from verbs import DATA, HOME, run

from core.composition.mixtures import from_counts
from core.composition.pool import pool_of
from core.composition.pseudobulk import add_raw_count
from core.composition.randomise import randomised

RESULTS = HOME / "benchmarks" / "results" / "composition_choice.json"
BLOOD = {"B": 0.09, "CD4 T": 0.36, "CD8 T": 0.2, "NK": 0.12, "Mono": 0.2, "DC": 0.03}
CONCENTRATION, MIXTURES, CELLS, FEWEST = 25, 200, 500, 5
FACTOR_SD, JITTER_SD = 0.7, 0.15
JOINED = "analysis.each_reference=false"
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "recipe": (),
    "100 cells": ("analysis.cells_low=100",),
    "5 to 100 cells": ("analysis.cells_low=5",),
    "60 epochs": ("training.epochs=60",),
    "150 markers": ("features.markers_per_label=150",),
    "no linear member": ("analysis.linear_member=false",),
    "joined references": (JOINED,),
}
TASKS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "pbmc3k to hao": (("pbmc3k",), "pbmc_hao_small"),
    "hao to pbmc3k": (("pbmc_hao_small",), "pbmc3k"),
    "pbmc3k to 3tech": (("pbmc3k",), "pbmc_3tech"),
    "pbmc3k to kang": (("pbmc3k",), "pbmc_kang"),
    "pbmc3k and hao to 3tech": (("pbmc3k", "pbmc_hao_small"), "pbmc_3tech"),
    "pbmc3k and hao to kang": (("pbmc3k", "pbmc_hao_small"), "pbmc_kang"),
}


def common(reference: str, label: str) -> str:
    """The name that all references share for ``label``."""
    return HAO.get(label, label) if reference == "pbmc_hao_small" else POOLED.get(label, label)


def mixtures(reference: str, folder: Path, seed: int) -> tuple[dict[str, Path], pd.DataFrame]:
    """Files of plain and randomised mixtures of a reference's cells, and their true shares."""
    data = anndata.read_h5ad(DATA / "cells" / f"{reference}.h5ad")
    labels = data.obs["cell_type"].astype(str).map(lambda label: common(reference, label)).to_numpy(str)
    types = [kind for kind in BLOOD if (labels == kind).sum() >= FEWEST]
    rows = np.flatnonzero(np.isin(labels, types))
    codes = np.array([types.index(label) for label in labels[rows]])
    usual = np.array([BLOOD[kind] for kind in types])
    rng = np.random.default_rng(seed)
    shares = np.concatenate(
        [rng.dirichlet(CONCENTRATION * usual / usual.sum(), MIXTURES), rng.dirichlet(np.ones(len(types)), MIXTURES)]
    )
    counts = np.array([rng.multinomial(CELLS, share) for share in shares])
    made = from_counts(pool_of(codes, len(types)), counts, rng)
    plain = add_raw_count(sparse.csr_matrix(data.X)[rows].astype(np.float32), made)
    names = pd.Index([f"{kind} {number}" for kind in ("blood", "even") for number in range(MIXTURES)], name="sample")
    files = {}
    for name, values in (("plain", plain), ("randomised", randomised(plain, FACTOR_SD, JITTER_SD, rng, group=1))):
        files[name] = folder / f"{reference}_{name}.csv.gz"
        pd.DataFrame(np.round(values, 3).T, index=data.var_names, columns=names).to_csv(files[name])
    return files, pd.DataFrame(made.proportions, index=names, columns=pd.Index(types))


def references(names: tuple[str, ...], folder: Path) -> list[str]:
    """The words of the command line that bring the references, several with common names."""
    paths = [str(DATA / "cells" / f"{name}.h5ad") for name in names]
    words = ["--reference", *paths, "--labels", *["cell_type"] * len(names)]
    if len(names) == 1:
        return words
    labels = {
        name: anndata.read_h5ad(path, backed="r").obs["cell_type"].astype(str)
        for name, path in zip(names, paths, strict=True)
    }
    rows = [(name, label, common(name, label)) for name in names for label in labels[name].unique()]
    pd.DataFrame(rows, columns=["reference", "label", "cell_type"]).to_csv(folder / "types.csv", index=False)
    return [*words, "--types", str(folder / "types.csv")]


def measure(task: str, settings: tuple[str, ...], seed: int) -> dict[str, float]:
    """What one variant reads in the mixtures of one task."""
    names, held_out = TASKS[task]
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files, truth = mixtures(held_out, folder, seed)
        words = [*references(names, folder), "--seed", str(seed), "--set", "training.members=1"]
        for setting in settings:
            words += ["--set", setting]
        for gap, path in files.items():
            run(folder / gap, "deconvolve", *words, "--bulk", str(path))
            table = pd.read_csv(folder / gap / "composition.csv", index_col="sample")
            named = table.rename(columns=lambda label: common(names[0], label)).T.groupby(level=0).sum().T
            named = named.reindex(columns=truth.columns, fill_value=0.0).loc[truth.index]
            named = named.div(named.sum(axis=1), axis=0)
            for kind in ("blood", "even"):
                part = truth.index.str.startswith(kind)
                scores = agreement(truth[part], named[part])
                found |= {f"{gap}_{kind}_{name}": value for name, value in scores.items()}
        found["even_ccc"] = json.loads((folder / "plain" / "summary.json").read_text())["even"]["CCC"]
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for variant in options.variants:
        for task in options.tasks:
            if JOINED in VARIANTS[variant] and len(TASKS[task][0]) == 1:
                continue
            found = measure(task, VARIANTS[variant], options.seed)
            print(variant, "|", task, {key: round(value, 3) for key, value in found.items()}, flush=True)
            stored.setdefault(variant, {})[task] = {"settings": VARIANTS[variant], "seed": options.seed, **found}
            RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
