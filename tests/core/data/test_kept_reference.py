"""What a model file holds of its reference: read back as it was, and little of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.data.align import Aligned
from core.data.kept_reference import IN_ALL, OF_EACH, KeptReference, few_of_each
from core.data.markers import aligned_scores
from core.model import join_arrays, split_arrays

GENES = ("CD3E", "MS4A1", "LYZ", "NKG7")
LABELS = np.array([0, 0, 0, 1, 1, 1])
COUNTS = np.array([[5, 0, 1, 0], [4, 0, 0, 0], [6, 1, 0, 2], [0, 7, 0, 0], [0, 5, 2, 0], [1, 6, 0, 0]])


def cells(values: np.ndarray = COUNTS, unit="counts") -> Aligned:
    return Aligned(sparse.csr_matrix(values, dtype=np.float32), values.sum(axis=1) + 10.0, unit, GENES)


def kept(aligned: Aligned | None) -> KeptReference:
    moments = aligned_scores(cells(), LABELS, ("B", "T")).moments
    scaled = np.arange(8, dtype=np.float32).reshape(2, 4)
    return KeptReference(
        types=("B", "T"),
        cells=moments.cells,
        mean=moments.mean,
        variance=moments.variance,
        share=moments.share,
        scaled=scaled,
        average=scaled.mean(axis=0),
        sample=aligned,
        sample_types=LABELS if aligned is not None else np.arange(0),
    )


def through_a_file(part: KeptReference) -> KeptReference:
    tensors = {}
    tree = split_arrays(part.to_dict(), tensors)
    return KeptReference.from_dict(join_arrays(tree, tensors), GENES)


def test_markers_are_ranked_as_by_the_cells():
    own, again = aligned_scores(cells(), LABELS, ("B", "T")), through_a_file(kept(None)).scores(GENES)
    np.testing.assert_allclose(again.scores, own.scores, rtol=1e-4)
    np.testing.assert_allclose(again.moments.share, own.moments.share, atol=1e-6)
    assert {name: list(order) for name, order in again.order.items()} == {
        name: list(order) for name, order in own.order.items()
    }


@pytest.mark.parametrize(
    ("values", "kind"), [(COUNTS, np.int16), (COUNTS * 10_000, np.float32), (COUNTS / 3, np.float32)]
)
def test_cells_come_back_as_they_were_in_as_few_bytes_as_hold_them(values, kind):
    part = kept(cells(values))
    assert part.to_dict()["sample"]["values"].dtype == kind
    again = through_a_file(part).sample
    assert again is not None and again.genes == GENES and again.unit == "counts"
    np.testing.assert_array_equal(again.values.toarray(), cells(values).values.toarray())
    np.testing.assert_array_equal(again.library, cells(values).library)


def test_cells_that_were_left_out_stay_out():
    again = through_a_file(replace(kept(None)))
    assert again.sample is None and not len(again.sample_types)
    assert again.to_dict()["scaled"].dtype == np.float32


@given(st.lists(st.integers(1, 120), min_size=1, max_size=60), st.integers(0, 5))
def test_no_type_gives_more_than_its_share_and_every_type_gives_one(sizes, seed):
    labels = np.repeat([f"type {number}" for number in range(len(sizes))], sizes)
    rows = few_of_each(labels, np.random.default_rng(seed))
    counts = {name: int((labels[rows] == name).sum()) for name in set(labels)}
    assert len(set(rows)) == len(rows) <= IN_ALL and (np.diff(rows) > 0).all()
    most = max(counts.values())
    assert most <= OF_EACH
    for number, size in enumerate(sizes):
        assert counts[f"type {number}"] == min(size, most)


def test_more_types_than_cells_give_one_each():
    labels = np.repeat(np.arange(12).astype(str), 3)
    assert len(few_of_each(labels, np.random.default_rng(0), in_all=10)) == 12
