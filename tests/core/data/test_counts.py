from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data.counts import checked, choose_place, value_findings
from core.data.formats.opened import Opened, in_memory
from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.wrong_files import cells

COUNTS = np.array([[1.0, 0, 2], [0, 3, 0]])
LOG = np.log1p(COUNTS / 7.1)
SCALED = COUNTS - COUNTS.mean(axis=0)


def opened(**places):
    def var(n):
        return pd.DataFrame(index=[f"g{one}" for one in range(n)])

    made = [in_memory(name.replace("__", "/"), values, var(values.shape[1])) for name, values in places.items()]
    return Opened(pd.DataFrame(index=["c1", "c2"]), tuple(made))


def chosen(found, **settings):
    place, findings = choose_place(found, SourceSpec(path="cells.h5ad", **settings), "reference")
    return place.name, findings


WIDE = np.hstack([LOG, LOG])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({"X": COUNTS}, "X"),
        ({"X": LOG, "layers__counts": COUNTS}, "layers/counts"),
        ({"X": COUNTS, "layers__raw_counts": COUNTS}, "layers/raw_counts"),
        ({"X": LOG, "raw": COUNTS}, "raw"),
        ({"X": SCALED, "raw": LOG}, "raw"),
        ({"X": LOG, "raw": WIDE}, "raw"),
        ({"X": LOG, "raw": LOG}, "X"),
        ({"X": SCALED, "layers__logcounts": LOG}, "layers/logcounts"),
        ({"X": COUNTS, "layers__spliced": COUNTS}, "X"),
        ({"layers__counts": COUNTS}, "layers/counts"),
    ],
)
def test_the_place_nearest_to_counts_is_chosen(places, expected):
    assert chosen(opened(**places))[0] == expected


def test_a_place_other_than_x_is_reported():
    _, findings = chosen(opened(X=SCALED, raw=COUNTS))
    assert findings[0].what == "X holds scaled values; whole numbers were found in `raw`."
    assert (findings[0].kind, findings[0].setting, findings[0].value) == ("note", "data.reference.counts", "raw")


def test_an_explicit_choice_wins_and_a_wrong_one_lists_the_others():
    found = opened(X=LOG, layers__counts=COUNTS)
    assert chosen(found, counts="X")[0] == "X"
    with pytest.raises(DataError, match="`X` and `layers/counts`"):
        chosen(found, counts="layers/umis")


def test_checked_refuses_what_cannot_be_used():
    for values, what in [
        (np.array([[1.0, np.nan], [1, 2]]), "nan in cell 1, gene 2"),
        (np.array([[1.0, 0], [np.inf, 2]]), "inf in cell 2, gene 1"),
        (np.ones((1, 3)), "single cell"),
        (np.zeros((3, 3)), "is zero"),
        (np.ones((0, 3)), "empty"),
    ]:
        with pytest.raises(DataError, match=what):
            checked(sparse.csr_matrix(values), "reference", "X")
    assert checked(sparse.csr_matrix(np.ones((1, 3))), "bulk", "X").shape == (1, 3)


def test_stored_zeros_and_repeated_entries_are_put_right():
    odd = sparse.csr_matrix((np.array([1.0, 0, 2, 3]), np.array([2, 1, 0, 0]), np.array([0, 2, 4])), shape=(2, 3))
    tidy = checked(odd, "query", "X")
    np.testing.assert_array_equal(tidy.toarray(), [[0, 0, 1], [5, 0, 0]])
    assert tidy.nnz == 2 and tidy.has_canonical_format


def test_empty_cells_are_reported():
    found = value_findings(sparse.csr_matrix(np.array([[1.0, 2], [0, 0]])), "query")
    assert [one.what for one in found] == [
        "1 cell holds nothing but zeros.",
        "No missing, negative or infinite values.",
    ]


def test_scaled_x_with_raw_log_values_gives_counts_and_says_both(tmp_path):
    adata = cells()
    counts = adata.X.copy()
    log = counts.copy()
    log.data = np.log1p(log.data * np.repeat(1e4 / counts.sum(axis=1).A1, np.diff(counts.indptr)))
    adata.X = log
    adata.raw = adata
    adata.X = log.toarray() - log.toarray().mean(axis=0)
    adata.write_h5ad(tmp_path / "scaled.h5ad")
    data = read(SourceSpec(path=str(tmp_path / "scaled.h5ad")), "reference")
    assert data.unit == "counts" and (counts != data.adata.X).nnz == 0
    assert data.report.find("place").value == "raw" and data.report.find("turned_back")
