"""What the quality rules would leave out, from the metrics kept of each set: quick enough to follow a slider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.quality import failing, passing
from core.specs import QualitySpec, Role

NO_LABEL = "no label"


@dataclass(frozen=True)
class Preview:
    """``keep``: (n_cells,), True where every rule is met. ``rules``: rule, cells (that it alone would leave out).
    ``types``: cell_type, cells, kept, left_out; empty without labels. ``genes`` and ``genes_kept``: numbers of genes,
    the latter seen in enough of all cells as read.
    """

    keep: np.ndarray
    rules: pd.DataFrame
    types: pd.DataFrame
    genes: int
    genes_kept: int


def preview(cells: pd.DataFrame, genes: pd.DataFrame, spec: QualitySpec, role: Role) -> Preview:
    """Apply ``spec`` to the metrics of a set.

    Parameters
    ----------
    cells
        One row per cell: counts, genes, mitochondrial (percent), label.
    genes
        One row per gene: cells, in which it is seen.
    spec
        The rules.
    role
        Rare types and genes are left out of the reference alone.
    """
    keep = passing(cells, spec)
    rules = failing(cells, spec)
    labels = pd.Series(cells["label"])
    if role == "reference" and bool(labels.notna().any()):
        sizes = labels.loc[keep].value_counts()
        common = labels.isin(list(sizes.index[sizes >= spec.min_label_cells])).to_numpy(bool)
        rare = pd.DataFrame({"rule": ["Cells per type"], "cells": [int((keep & ~common).sum())]})
        rules = pd.concat([rules, rare], ignore_index=True)
        keep = keep & common
    seen = genes["cells"].to_numpy() >= (spec.min_cells if role == "reference" else 0)
    return Preview(keep, rules, _types(labels, keep), len(genes), int(seen.sum()))


def _types(labels: pd.Series, keep: np.ndarray) -> pd.DataFrame:
    if not bool(labels.notna().any()):
        return pd.DataFrame(columns=pd.Index(["cell_type", "cells", "kept", "left_out"]))
    marked = pd.DataFrame({"cell_type": labels.fillna(NO_LABEL).to_numpy(), "cells": 1, "kept": keep.astype(int)})
    table = marked.groupby("cell_type", as_index=False).agg({"cells": "sum", "kept": "sum"})
    table = pd.DataFrame(table).assign(left_out=lambda part: part["cells"] - part["kept"])
    return table.sort_values(["cells", "cell_type"], ascending=[False, True], ignore_index=True)
