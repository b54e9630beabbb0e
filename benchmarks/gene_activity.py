"""The pair H of `annotation`: from real RNA to semi-synthetic gene activities, by the recipe for them.

The query was made from other cells of the same blood by a generator that averages neighbours itself, which flatters
smoothing. All its types are in the reference, so that every cell without a label is one refused wrongly.
"""

from __future__ import annotations

import anndata
from verbs import DATA

from core.export.recipe_file import differences, one_line
from core.recipes import DEFAULTS, recipe

TITLE = "pbmc_rna -> pbmc_gene_activity_semisynthetic"
RECIPE = "gene_activity_annotator"
NAMES = ("recipe", "name")


def sets(_: int) -> tuple[anndata.AnnData, anndata.AnnData]:
    """The reference of RNA and the query of gene activities."""
    files = ("pbmc_rna", "pbmc_gene_activity_semisynthetic")
    reference, query = (anndata.read_h5ad(DATA / "cells" / f"{name}.h5ad") for name in files)
    return reference, query


def settings() -> tuple[str, ...]:
    """What the recipe for gene activities sets otherwise than that of annotate, as ``PATH=VALUE``."""
    found = differences(recipe(RECIPE).for_task("annotate"), recipe(DEFAULTS["annotate"]).for_task("annotate"))
    return tuple(f"{path}={one_line(value)}" for path, value in found.items() if path not in NAMES)
