from __future__ import annotations

import pandas as pd
import pytest

from core.data.demo import LABEL_COLUMN, write_demo
from core.data.quality import apply, cell_metrics, gene_metrics
from core.data.read import read
from core.specs import QualitySpec, SourceSpec
from core.tasks.preview import NO_LABEL, preview

CELLS = pd.DataFrame(
    {
        "counts": [10.0, 20.0, 30.0, 40.0, 50.0],
        "genes": [5, 6, 7, 8, 9],
        "mitochondrial": [0.0, 0.0, 50.0, 0.0, 0.0],
        "label": ["B", "B", "B", "T", None],
    }
)
GENES = pd.DataFrame({"gene": ["a", "b", "c"], "cells": [5, 1, 0]})


def test_each_rule_counts_its_own_cells_and_rare_types_go_last():
    spec = QualitySpec(min_counts=15, max_mitochondrial=20, min_label_cells=2, min_cells=1)
    found = preview(CELLS, GENES, spec, "reference")
    left_out = dict(zip(found.rules["rule"], found.rules["cells"], strict=True))
    assert left_out["Counts, at least"] == 1 and left_out["Mitochondrial share"] == 1
    # one B and one T are left after the other rules, and a cell without a type
    assert left_out["Cells per type"] == 3 and not found.keep.any()
    assert (found.genes, found.genes_kept) == (3, 2)


def test_types_add_up_and_the_query_keeps_rare_types_and_all_genes():
    found = preview(CELLS, GENES, QualitySpec(min_counts=15, min_cells=1), "query")
    table = found.types.set_index("cell_type")
    assert table.loc["B"].tolist() == [3, 2, 1] and table.loc[NO_LABEL].tolist() == [1, 1, 0]
    assert int(table["kept"].sum()) == int(found.keep.sum()) == 4
    assert found.genes_kept == 3


def test_a_set_without_labels_has_no_types():
    assert preview(CELLS.assign(label=None), GENES, QualitySpec(), "reference").types.empty


@pytest.mark.parametrize("spec", [QualitySpec(), QualitySpec(min_counts=1200, min_label_cells=10, min_genes=100)])
def test_a_run_keeps_the_cells_that_the_preview_keeps(tmp_path, spec: QualitySpec):
    path = write_demo(tmp_path)["reference"]
    dataset = read(SourceSpec(path=str(path), label_column=LABEL_COLUMN), "reference")
    cells = cell_metrics(dataset).reset_index(drop=True).assign(label=dataset.labels.astype(object).to_numpy())
    genes = gene_metrics(dataset)[["cells"]].rename_axis("gene").reset_index()
    kept, _ = apply(dataset, spec)
    assert list(kept.adata.obs_names) == list(dataset.adata.obs_names[preview(cells, genes, spec, "reference").keep])
