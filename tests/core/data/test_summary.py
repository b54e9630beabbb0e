from __future__ import annotations

import json

from core.data.read import read
from core.data.summary import BINS, summary
from core.specs import SourceSpec
from tests.conftest import real
from tests.wrong_files import cells


def test_a_small_set_in_numbers(tmp_path):
    adata = cells()
    adata.obs["cell_type"] = adata.obs["cell_type"].astype("category")
    adata.obs["score"] = range(60)
    adata.uns["cell_type_colors"] = ["#111111", "#222222", "#333333"]
    adata.layers["counts"] = adata.X
    adata.write_h5ad(tmp_path / "cells.h5ad")
    source = SourceSpec(path=str(tmp_path / "cells.h5ad"), label_column="cell_type", batch_column="batch")
    shown = summary(read(source, "reference"))
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["file"], shown["n_cells"], shown["n_genes"], shown["n_types"]) == ("cells.h5ad", 60, 30, 3)
    assert shown["bytes"] == (tmp_path / "cells.h5ad").stat().st_size and shown["places"] == ["X", "layers/counts"]
    assert shown["label_counts"] == {"type 0": 20, "type 1": 20, "type 2": 20}
    assert shown["colours"]["type 1"] == "#222222"
    columns = {one["name"]: one for one in shown["columns"]}
    assert columns["batch"]["top"] == {"b0": 30, "b1": 30} and columns["score"]["range"] == [0, 59]
    depth = shown["depth"]
    assert len(depth["edges"]) == BINS + 1 and set(depth["batches"]) == {"b0", "b1"}
    assert sum(depth["batches"]["b0"]["counts"]) == 30
    totals = adata.X.sum(axis=1).A1[adata.obs["batch"] == "b1"]
    assert depth["batches"]["b1"]["quantiles"][-1] == totals.max()


def test_bulk_without_labels():
    shown = summary(read(SourceSpec(path=str(real("monaco_expression.csv.gz"))), "bulk"))
    assert (shown["unit"], shown["n_types"], shown["gene_kind"], shown["species"]) == ("tpm", 0, "symbol", "human")
    assert shown["columns"] == [] and set(shown["depth"]["batches"]) == {"all"}
