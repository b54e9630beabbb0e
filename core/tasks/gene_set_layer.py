"""The first layer of a network as gene sets: which genes each unit is joined to, and what the units are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DataError, SpecError
from core.export.tables import write_table
from core.files import write_json
from core.interpretation.gene_sets import GeneSets, read_gmt
from core.interpretation.membership import membership
from core.project import Project
from core.specs import RunSpec
from core.specs.network import MOST_UNITS
from core.steps import features_key

LEARNED = "gene_set_layer"
"""Name of the table of a run, and of the sets' names in its model."""
SIZE = "size.json"


@dataclass(frozen=True)
class GeneSetLayer:
    """``mask``: (n_sets, n_genes), True where a gene belongs to a set. ``names``: of the sets, in the file's order."""

    mask: np.ndarray
    names: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Unit (from 1), gene_set, genes (how many of it the network sees)."""
        units = np.arange(1, len(self.names) + 1)
        return pd.DataFrame({"unit": units, "gene_set": list(self.names), "genes": self.mask.sum(axis=1)})


def with_gene_sets(
    spec: RunSpec, sets: GeneSets | None, genes: Sequence[str], folder: Path | None = None
) -> tuple[RunSpec, GeneSetLayer | None]:
    """``spec`` whose first layer has a unit for each gene set, and that layer; ``spec`` itself where it asks for none.

    Parameters
    ----------
    spec
        A run's settings.
    sets
        The run's gene sets, ``None`` where it has none.
    genes
        Names of the network's inputs, in order.
    folder
        Where gene_set_layer.csv goes, so that whoever watches the training knows the units.

    Raises
    ------
    SpecError
        If there are no gene sets, or more than a layer has units.
    DataError
        If no set has enough of the genes.
    """
    if spec.network.gene_sets is None:
        return spec, None
    spec.require_runnable()
    assert sets is not None, "a run that names gene sets reads them"
    found = membership(sets, genes, spec.network.gene_sets.min_genes)
    if len(found.names) > MOST_UNITS:
        raise SpecError(
            f"The gene sets would make a layer of more than {MOST_UNITS:,} units",
            len(found.names),
            "Raise network.gene_sets.min_genes, or use a smaller collection",
        )
    network = spec.network.with_first_units(len(found.names))
    layer = GeneSetLayer(found.matrix.toarray() > 0, found.names)
    if folder is not None:
        write_table(layer.table(), LEARNED, folder)
    return spec.model_copy(update={"network": network}), layer


def layer_size(project: Project, draft: RunSpec) -> tuple[int, int] | None:
    """Units of the layer of gene sets that a run of ``draft`` would have, and its pairs of gene and set.

    ``None`` where the genes have not been searched or the file is gone; none and none where no set has enough genes or
    the file holds no sets. Kept in the project, as a page asks for it each time that it is drawn.
    """
    asked, path = draft.network.gene_sets, Path(draft.data.gene_sets or "")
    genes = project.stored("features", features_key(project, draft))
    if asked is None or genes is None or not path.is_file():
        return None
    state = path.stat()
    stamp = [str(path), state.st_size, state.st_mtime_ns]
    key = project.key("features", LEARNED, features_key(project, draft), stamp, asked.min_genes)
    folder = project.stored("features", key)
    if folder is None:
        try:
            sets = membership(read_gmt(path), (genes / "genes.txt").read_text().split("\n")[:-1], asked.min_genes)
            size = {"sets": len(sets.names), "joined": int(sets.sizes.sum())}
        except DataError:
            size = {"sets": 0, "joined": 0}
        folder = project.store("features", key, lambda made: write_json(made / SIZE, size))
    size = json.loads((folder / SIZE).read_text(encoding="utf-8"))
    return size["sets"], size["joined"]


def learned_of(layer: GeneSetLayer | None) -> dict[str, Any]:
    """What a model keeps of ``layer``: the names of its units."""
    return {LEARNED: list(layer.names)} if layer else {}
