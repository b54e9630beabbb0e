"""Genes that bulk samples show and no type of the reference does."""

from __future__ import annotations

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from core.data.dataset import Dataset
from core.data.features import select
from core.data.findings import ValidationReport
from core.specs import FeatureSpec, SourceSpec

GENES = [f"gene{number}" for number in range(40)]


def dataset(values: np.ndarray, role: str, labels: list[str] | None = None) -> Dataset:
    obs = pd.DataFrame(index=pd.Index([f"{role}{number}" for number in range(len(values))]))
    if labels:
        obs["cell_type"] = labels
    adata = AnnData(sparse.csr_matrix(values, dtype=np.float32), obs, pd.DataFrame(index=pd.Index(GENES)))
    column = "cell_type" if labels else None
    return Dataset(adata, role, "counts", column, None, "", SourceSpec(path="x"), ValidationReport(()))  # type: ignore[arg-type]


def test_the_genes_that_the_bulk_exceeds_every_type_in_most_are_added_and_counted():
    rng = np.random.default_rng(0)
    means = np.full((2, 40), 5.0)
    means[0, :10], means[1, 10:20] = 20.0, 20.0
    means[:, 30:] = 0.2
    cells = rng.poisson(means[np.repeat([0, 1], 40)])
    bulk = rng.poisson(100 * means.mean(axis=0) + 2000 * (np.arange(40) >= 35), size=(6, 40))
    sets = dataset(cells, "reference", ["A"] * 40 + ["B"] * 40), dataset(bulk, "bulk")
    plain = select(sets[0], FeatureSpec(rule="specific_markers", markers_per_label=8), bulk=sets[1])
    found = select(sets[0], FeatureSpec(rule="specific_markers", markers_per_label=8, bulk_alone=5), bulk=sets[1])
    assert found.genes[: len(plain.genes)] == plain.genes
    assert set(found.genes[len(plain.genes) :]) == set(GENES[35:])
    assert found.steps[-1] == ("With genes of the bulk alone", len(found.genes))
    fewer = select(sets[0], FeatureSpec(rule="specific_markers", markers_per_label=8, bulk_alone=200), bulk=sets[1])
    assert set(fewer.genes) == set(found.genes), "genes that the bulk shows as others do are not taken"
