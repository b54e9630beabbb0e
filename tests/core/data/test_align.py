from __future__ import annotations

import numpy as np
import pytest

from core.data.align import align
from core.errors import DataError
from tests.core.data.toys import toy


def test_genes_are_reordered_by_name_and_missing_ones_named():
    aligned = align(toy([[1, 2, 3], [4, 5, 6]], ["A", "B", "C"]), ["C", "X", "A"])
    assert aligned.values.toarray().tolist() == [[3, 0, 1], [6, 0, 4]]
    assert aligned.missing == ("X",) and aligned.present.tolist() == [True, False, True]
    assert aligned.missing_share == pytest.approx(1 / 3)


def test_the_library_counts_all_genes_of_the_file():
    assert align(toy([[1, 2, 3]], ["A", "B", "C"]), ["A"]).library.tolist() == [6]


def test_rows_keep_their_library():
    part = align(toy([[1, 2], [3, 4]], ["A", "B"]), ["B"]).rows(np.array([1]))
    assert part.values.toarray().tolist() == [[4]] and part.library.tolist() == [7]


def test_sets_without_a_common_gene_are_refused_with_names_of_both():
    with pytest.raises(DataError, match=r"share no gene. Got \['ENSG1'\]. The model knows genes such as CD3D"):
        align(toy([[1]], ["ENSG1"]), ["CD3D"])
