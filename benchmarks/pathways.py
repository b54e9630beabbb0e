"""Pathway recipes beside each other, beside an untrained network and beside no network at all.

    python benchmarks/pathways.py [--seeds 0 1 2] [--recipes NAME ...]

pbmc3k with its nine fine labels. With dmap_derived sets: the rank, among the sets, of the one that a label should be
highest in, by impact in the label minus impact in the rest, the largest unit counting (``ranks``; ``top3`` of eight
labels). A name fits by a word in it (B-CELL, NK, MONOCYTE, CD8, CD4, MYELOID_DENDRITIC_CELL), which helps every method
alike. ``control_ranks``: by the mean difference of log expression, without a network. With Hallmark sets: how many
different sets are some unit's strongest, by impact (``winners``) and by distance from shuffled genes of like
expression (``winners_by_z``; ``winners_beyond``: those beyond chance), the median absolute correlation of two units'
profiles (``likeness``) and units with a set beyond chance (``beyond_chance``). ``correlation_...``: the same by
correlation of genes with units in the place of saliency. ``untrained_...``: the same network with new random weights.
``paul_s``: CPU seconds of paul15 with hallmark_mouse on a trained run, all cells and one type against the rest, from
the click to the tables; ``paul_train_s``: of the training before.

Data are read from CELLDESK_TEST_DATA, results go to results/pathways.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from verbs import DATA, HOME, run

from core.interpretation.control import ranked
from core.interpretation.gene_sets import GeneSets, read_gmt
from core.interpretation.untrained import untrained
from core.recipes import recipe
from core.runs.run import Run
from core.specs import ImpactSpec
from core.tasks.finished import Finished, finished
from core.tasks.impact_each import impact_of_each
from core.tasks.impact_groups import impact_of
from core.tasks.impact_names import REST

RESULTS = HOME / "benchmarks" / "results" / "pathways.json"
RECIPES = ("pathway_autoencoder", "pathway_autoencoder_offset", "pathway_autoencoder_masked")
EXPECTED = {
    "B": "B-CELL",
    "NK": "NK",
    "CD14+ Mono": "DMAP_MONOCYTE",
    "FCGR3A+ Mono": "DMAP_MONOCYTE",
    "CD8 T": "CD8",
    "Naive CD4 T": "CD4",
    "Memory CD4 T": "CD4",
    "DC": "MYELOID_DENDRITIC_CELL",
}
CORRELATION = ImpactSpec(saliency="correlation", measure="signed")
CLEAN = ("winners", "winners_by_z", "winners_beyond", "likeness", "beyond_chance")


def trained(folder: Path, name: str, cells: str, sets: str, seed: int) -> tuple[Finished, float]:
    """A finished run and its CPU seconds."""
    labels = "cell_type_fine" if cells == "pbmc3k" else "cell_type"
    words = ["represent", "--data", str(DATA / "cells" / f"{cells}.h5ad"), "--recipe", name, "--seed", str(seed)]
    words += ["--gene-sets", str(DATA / "gene_sets" / f"{sets}.gmt"), "--set", f"data.reference.label_column={labels}"]
    out = folder / f"{name}-{cells}-{sets}"
    seconds = run(out, *words)
    return finished(Run(out)), seconds


def blank(own: Finished, seed: int) -> Finished:
    """The same run with new random weights in its network."""
    return replace(own, model=replace(own.model, networks=(untrained(own.model.networks[0], seed),)))


def expected_ranks(own: Finished, sets: GeneSets, spec: ImpactSpec) -> dict[str, object]:
    """Rank of the expected set in each label, by impact and without a network."""
    found = impact_of_each(own, sets, spec, np.random.default_rng(0)).together.tables
    tables = {
        "ranks": found["impact_ranks"].set_index("gene_set"),
        "control_ranks": ranked(found["impact_control"].set_index("gene_set")),
    }
    ranks = {
        name: [int(table[label].filter(like=word, axis=0).min()) for label, word in EXPECTED.items()]
        for name, table in tables.items()
    }
    return ranks | {f"{name}_top3": sum(rank <= 3 for rank in each) for name, each in ranks.items()}


def clean(own: Finished, sets: GeneSets, spec: ImpactSpec) -> dict[str, float]:
    """How far the units of a network stand for different sets."""
    facts = impact_of(own, sets, spec, np.random.default_rng(0)).facts
    return {key: facts[key] for key in CLEAN}


def measure(name: str, seed: int) -> dict[str, object]:
    """All figures of one recipe and seed."""
    found: dict[str, object] = {"seed": seed}
    spec = recipe(name).spec.analysis.impact  # type: ignore[union-attr]  # these recipes represent
    dmap, hallmark = (read_gmt(DATA / "gene_sets" / f"{each}.gmt") for each in ("dmap_derived", "hallmark_human"))
    with tempfile.TemporaryDirectory() as folder:
        own, found["dmap_train_s"] = trained(Path(folder), name, "pbmc3k", "dmap_derived", seed)
        found |= expected_ranks(own, dmap, spec)
        if plain(own):
            found["untrained_ranks_top3"] = expected_ranks(blank(own, seed), dmap, spec)["ranks_top3"]
        own, found["hallmark_train_s"] = trained(Path(folder), name, "pbmc3k", "hallmark_human", seed)
        for how, asked in (("", spec), ("correlation_", CORRELATION)):
            found |= {how + key: value for key, value in clean(own, hallmark, asked).items()}
            if plain(own):
                other = clean(blank(own, seed), hallmark, asked)
                found |= {f"untrained_{how}{key}": value for key, value in other.items()}
        own, found["paul_train_s"] = trained(Path(folder), name, "paul15", "hallmark_mouse", seed)
        mouse = read_gmt(DATA / "gene_sets" / "hallmark_mouse.gmt")
        began, label = time.process_time(), str(own.labels[0]) if own.labels is not None else ""
        impact_of(own, mouse, spec, np.random.default_rng(0))
        impact_of(own, mouse, spec, np.random.default_rng(0), label, REST)
        found["paul_s"] = time.process_time() - began
    return found


def plain(own: Finished) -> bool:
    """Whether the network's layers know nothing of gene sets, so that its start weights are a fair control."""
    return own.model.spec.network.gene_sets is None


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.recipes:
        rows = []
        for seed in options.seeds:
            rows.append(measure(name, seed))
            print(name, rows[-1], flush=True)
        numbers = [key for key, value in rows[0].items() if isinstance(value, int | float) and key != "seed"]
        means = {key: statistics.mean(float(row[key]) for row in rows) for key in numbers}  # type: ignore[arg-type]
        print(name, {key: round(value, 3) for key, value in means.items()}, flush=True)
        stored[name] = {"means": means, "rows": rows}
    if not options.dry:
        RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
