"""Is there a code unit that answers to cell division, and does enrichment name it?

    python benchmarks/cell_division.py [--seeds 0 1 2] [--recipes cell_identity_code pathway_autoencoder]

paul15 (mouse bone marrow, many cells in division) with the mouse Hallmark sets. Each recipe is trained as it is; every
unit is raised by two standard deviations, and its top genes are tested for each set against the network's own genes. A
unit answers to cell division where E2F targets or the G2M checkpoint is its most certain term. Two adjusted p are
given: within the unit (Benjamini and Hochberg over the sets, as the page has it) and over all units and sets at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from scipy import stats

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))

from core.interpretation.enrichment import unit_enrichment  # noqa: E402
from core.interpretation.gene_sets import read_gmt  # noqa: E402
from core.recipes import recipe  # noqa: E402
from core.runs.run import Run  # noqa: E402
from core.specs import RunSpec, SourceSpec, UnitSpec, replaced_all  # noqa: E402
from core.tasks.finished import model_of  # noqa: E402
from core.tasks.unit_step import units_of  # noqa: E402
from core.tasks.worker import execute  # noqa: E402

DATA = Path(os.environ.get("CELLDESK_TEST_DATA", HOME.parent / "shared" / "data"))
SETS = DATA / "gene_sets" / "hallmark_mouse.gmt"
RESULTS = Path(__file__).parent / "results" / "cell_division.json"
DIVISION = ("HALLMARK_E2F_TARGETS", "HALLMARK_G2M_CHECKPOINT")
LABELS = "cell_type"


def spec(name: str, seed: int) -> RunSpec:
    """The recipe on paul15, its picture left rough."""
    made = recipe(name).for_task("represent")
    source = SourceSpec(path=str(DATA / "cells" / "paul15.h5ad"), label_column=LABELS)
    data = made.data.model_copy(update={"reference": source, "gene_sets": str(SETS)})
    made = made.model_copy(update={"data": data, "seed": seed})
    return replaced_all(made, {"analysis.embedding.epochs": 10, "training.replay_frames": 0})


def measure(name: str, seed: int) -> dict[str, Any]:
    """The unit of one training that is named most certainly by cell division; else the one with the lowest p of it."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(Path(folder) / "run", spec(name, seed))
        execute(run)
        made = units_of(run, SETS, UnitSpec())
        terms = unit_enrichment(made.genes, read_gmt(SETS), model_of(run).genes)
    terms["p_over_all"] = stats.false_discovery_control(terms["p"].to_numpy())
    first = terms.drop_duplicates("unit")
    named = first.loc[first["gene_set"].isin(DIVISION) & (first["p_adjusted"] <= 0.05)]
    best = (named if len(named) else terms.loc[terms["gene_set"].isin(DIVISION)]).sort_values("p").iloc[0]
    genes = made.genes.loc[made.genes["unit"] == best["unit"], "gene"].head(8)
    own = first.loc[first["unit"] == best["unit"]].iloc[0]
    return {
        "recipe": name,
        "seed": seed,
        "genes": int(made.facts["background"]),
        "units": int(made.changes.shape[1]),
        "units_named": len(named),
        "unit": str(best["unit"]),
        "term": str(best["gene_set"]),
        "is_first_term": bool(own["gene_set"] == best["gene_set"]),
        "overlap": f"{best['overlap']} of {best['size']}",
        "p_adjusted": float(f"{best['p_adjusted']:.3g}"),
        "p_bonferroni": float(f"{best['p_bonferroni']:.3g}"),
        "p_over_all_units": float(f"{best['p_over_all']:.3g}"),
        "top_genes": ", ".join(genes),
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--recipes", nargs="+", default=["cell_identity_code", "pathway_autoencoder"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in options.recipes:
        for seed in options.seeds:
            rows.append(measure(name, seed))
            print(rows[-1], flush=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
