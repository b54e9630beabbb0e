from __future__ import annotations

import anndata
import pandas as pd
import pytest

from core.data.levels import label_levels
from core.errors import DataError
from tests.conftest import real

FINE = ["CD4", "CD8", "CD8", "B", None]
COARSE = ["T", "T", "T", "B", "T"]


def test_each_fine_label_has_the_labels_above_it():
    table = label_levels(pd.DataFrame({"coarse": COARSE, "fine": FINE}), ["coarse", "fine"])
    assert table.to_numpy().tolist() == [["B", "B"], ["T", "CD4"], ["T", "CD8"]]


def test_a_label_under_two_parents_is_named_with_its_cells():
    obs = pd.DataFrame({"coarse": ["T", "T", "NK", "B", "T"], "fine": FINE})
    with pytest.raises(DataError, match=r"CD8: NK \(1 cells\) and T \(1 cells\)"):
        label_levels(obs, ["coarse", "fine"])


def test_a_label_whose_cells_lack_the_coarser_one_is_named():
    obs = pd.DataFrame({"coarse": ["T", "T", None, "B", "T"], "fine": FINE})
    with pytest.raises(DataError, match=r"CD8: T \(1 cells\) and none \(1 cells\)"):
        label_levels(obs, ["coarse", "fine"])


def test_columns_in_the_wrong_order_are_refused():
    with pytest.raises(DataError, match="coarse to fine"):
        label_levels(pd.DataFrame({"coarse": COARSE, "fine": FINE}), ["fine", "coarse"])


def test_a_column_of_one_label_is_no_level():
    with pytest.raises(DataError, match="one label only"):
        label_levels(pd.DataFrame({"coarse": ["T"] * 5, "fine": FINE}), ["coarse", "fine"])


def test_three_levels_are_checked_pair_by_pair():
    obs = pd.DataFrame({"top": ["L", "L", "L", "L", "M"], "coarse": ["T", "T", "T", "B", "M"], "fine": list("abcde")})
    assert label_levels(obs, ["top", "coarse", "fine"])["top"].tolist() == ["L", "L", "L", "L", "M"]
    obs.loc[0, "top"] = "M"
    with pytest.raises(DataError, match=r"T: L \(2 cells\) and M \(1 cells\)"):
        label_levels(obs, ["top", "coarse", "fine"])


def test_real_fine_and_coarse_labels_make_a_tree():
    obs = anndata.read_h5ad(real("pbmc3k.h5ad"), backed="r").obs
    table = label_levels(obs, ["cell_type", "cell_type_fine"])
    assert len(table) == 9
    assert table.set_index("cell_type_fine")["cell_type"]["Naive CD4 T"] == "CD4 T"
