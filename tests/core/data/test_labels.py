from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.labels import as_labels, batch_columns, column_findings, label_columns, label_findings, require_groups
from core.errors import DataError
from core.specs import SourceSpec


def test_labels_are_text_and_words_for_none_are_missing():
    labels = as_labels(pd.Series([1.0, 2.0, np.nan, 10.0], name="cluster"))
    assert list(labels.cat.categories) == ["1", "2", "10"] and labels.isna().sum() == 1
    labels = as_labels(pd.Series(["B", "NA", None, "", " T ", "nan"]))
    assert list(labels.dropna()) == ["B", "T"]
    assert list(as_labels(pd.Series([True, False])).dropna()) == ["True", "False"]
    assert list(as_labels(pd.Series([b"B", b"T"])).dropna()) == ["B", "T"]


def test_categories_keep_their_order_and_lose_the_unused():
    column = pd.Series(pd.Categorical(["T", "B"], categories=["T", "none", "NK", "B"]))
    assert list(as_labels(column).cat.categories) == ["T", "B"]


OBS = pd.DataFrame(
    {
        "louvain": ["0", "1"] * 20,
        "cell_type": ["T", "B"] * 20,
        "n_counts": np.arange(40.0) + 0.5,
        "barcode": [f"c{row}" for row in range(40)],
        "batch": ["a"] * 40,
        "donor": ["d1", "d2"] * 20,
    }
)


def test_likely_columns():
    assert label_columns(OBS) == ["cell_type", "louvain"]
    assert batch_columns(OBS) == ["donor"]


def test_columns_are_suggested_not_taken():
    found = {one.key: one for one in column_findings(OBS, SourceSpec(path="file"), "reference")}
    assert (found["label_column"].kind, found["label_column"].value) == ("choose", "cell_type")
    assert found["batch_column"].value == "donor"
    chosen = SourceSpec(path="file", label_column="louvain", batch_column="donor")
    assert column_findings(OBS, chosen, "reference") == []
    assert column_findings(OBS[["n_counts"]], SourceSpec(path="file"), "reference")[0].kind == "note"


def test_few_cells_missing_labels_and_a_single_type_are_reported():
    labels = as_labels(pd.Series(["T"] * 30 + ["Platelet"] * 14 + [None] * 2, name="cell_type"))
    found = {one.key: one for one in label_findings(labels, "reference")}
    assert found["few_cells"].what == "Platelet has 14 cells. Types with fewer than 20 cells are hard to learn."
    assert found["missing_labels"].what == "2 cells have no label in `cell_type`. They are left out of the reference."
    assert label_findings(labels.iloc[:30].cat.remove_unused_categories(), "reference")[0].key == "one_type"


def test_too_many_labels_are_refused():
    with pytest.raises(DataError, match="10,000 labels for 12,000 cells"):
        require_groups(pd.DataFrame({"id": [f"c{row % 10_000}" for row in range(12_000)]}), "id")
    with pytest.raises(DataError, match="is empty"):
        require_groups(pd.DataFrame({"id": [None, None]}), "id")
    assert len(require_groups(pd.DataFrame({"id": list("abc")}), "id").cat.categories) == 3
