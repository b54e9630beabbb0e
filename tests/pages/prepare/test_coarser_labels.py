"""Data: columns of labels above the cell type."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.project import Project
from tests.pages.prepare.conftest import Open, words
from tests.pages.prepare.test_data import read_by_path


@pytest.fixture
def reference_file(tmp_path: Path) -> Path:
    """Sixty cells of three types; ``lineage`` groups them, ``plate`` cuts across them."""
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {
            "cell_type": ["B", "CD4 T", "CD8 T"] * 20,
            "lineage": ["B", "T", "T"] * 20,
            "plate": ["one", "two", "one", "two", "one", "two"] * 10,
        },
        index=[f"cell{n}" for n in range(60)],
    )
    counts = rng.poisson(2.0, (60, 40)).astype(np.float32)
    var = pd.DataFrame(index=[f"GENE{n}" for n in range(40)])
    anndata.AnnData(counts, obs=obs, var=var).write_h5ad(tmp_path / "cells.h5ad")
    return tmp_path / "cells.h5ad"


def coarser(test):
    return next(box for box in test.multiselect if box.label == "Coarser labels")


def test_coarser_labels_are_chosen_where_the_cell_type_is(empty: Project, opened: Open, reference_file: Path):
    test = read_by_path(opened(empty, "data"), "reference", reference_file)
    coarser(test).set_value(["lineage"]).run()
    assert not test.exception, test.exception
    source = empty.draft.data.reference
    assert source is not None and source.coarser_columns == ("lineage",)
    assert coarser(test).value == ["lineage"]


def test_a_column_that_makes_no_tree_is_refused_with_the_offenders(empty: Project, opened: Open, reference_file: Path):
    test = read_by_path(opened(empty, "data"), "reference", reference_file)
    coarser(test).set_value(["plate"]).run()
    assert not test.exception, test.exception
    assert "must lie under one label of plate" in words(test)
    source = empty.draft.data.reference
    assert source is not None and source.coarser_columns == ()
    assert coarser(test).value == []
