"""Peaks by name, their union by a sweep, and their overlaps, against references that compare every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from core.data.peaks import Peaks, are_peaks, disjoint, merged, overlapped, parse, summed, usable
from core.errors import DataError, SpecError
from core.specs import PeakSpec
from core.specs.base import parse as spec_of

CHROMOSOMES = ("chr1", "chr2", "chr10", "GL000194.1")
stretches = st.lists(
    st.tuples(st.sampled_from(CHROMOSOMES), st.integers(0, 60), st.integers(1, 12)), min_size=1, max_size=25
)


def peaks(rows: list[tuple[str, int, int]]) -> Peaks:
    """``rows``: chromosome, first base, width."""
    names, start, width = zip(*rows, strict=True)
    begin = np.array(start, dtype=np.int64)
    return Peaks(np.array(names, dtype=object), begin, begin + np.array(width, dtype=np.int64))


def bases(all_peaks: Peaks, number: int) -> set[tuple[str, int]]:
    return {(all_peaks.chromosome[number], base) for base in range(all_peaks.start[number], all_peaks.end[number])}


def brute_union(rows: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Join any two that overlap or touch until none does."""
    spans = [(name, start, start + width) for name, start, width in rows]
    while True:
        pair = next(
            (
                (i, j)
                for i in range(len(spans))
                for j in range(i)
                if spans[i][0] == spans[j][0] and spans[i][1] <= spans[j][2] and spans[j][1] <= spans[i][2]
            ),
            None,
        )
        if pair is None:
            return sorted(spans)
        one, other = spans.pop(pair[0]), spans.pop(pair[1])
        spans.append((one[0], min(one[1], other[1]), max(one[2], other[2])))


@pytest.mark.parametrize("name", ["chr1:100-600", "chr1-100-600", "chr1_100_600", "1:100-600"])
def test_three_ways_to_write_a_peak_and_a_bare_chromosome_are_one(name):
    assert parse([name]).names == ["chr1:100-600"]


def test_a_scaffold_keeps_the_dashes_and_underscores_of_its_own_name():
    found = parse(["chr1_KI270706v1_random-100-200", "GL000194.1_5_9", "MT:1-5"])
    assert list(found.chromosome) == ["chr1_KI270706v1_random", "GL000194.1", "chrM"]
    assert list(found.start) == [100, 5, 1] and list(found.end) == [200, 9, 5]


def test_names_that_are_no_peaks_are_counted_and_shown():
    with pytest.raises(DataError, match=r"1 of 2 features have a name that is no peak\. Got \['CD3D'\]"):
        parse(["chr1:5-9", "CD3D"])
    with pytest.raises(DataError, match="end before they begin"):
        parse(["chr1:9-5"])


def test_peaks_are_told_from_genes():
    assert are_peaks(["chr1:5-9", "chr2-1-4"]) and not are_peaks(["HLA-A", "RP11-34P13.7", "MT-CO1"])
    assert not are_peaks([])


def test_width_and_chromosome_decide_what_is_used():
    some = parse(["chr1:0-19", "chr1:0-20", "chr1:0-10000", "chr1:0-10001", "GL000194.1:0-500", "MT:0-500"])
    assert list(usable(some, PeakSpec())) == [False, True, True, False, True, True]
    assert list(usable(some, PeakSpec(standard_chromosomes=True))) == [False, True, True, False, False, False]


def test_widths_in_the_wrong_order_are_refused():
    with pytest.raises(SpecError, match="narrowest peak is wider"):
        spec_of(PeakSpec, {"min_width": 500, "max_width": 100})


def test_touching_peaks_become_one_and_a_gap_of_one_base_keeps_them_apart():
    union, number = merged(parse(["chr1:10-20", "chr1:20-30", "chr1:31-40", "chr2:0-5"]))
    assert union.names == ["chr1:10-30", "chr1:31-40", "chr2:0-5"]
    assert list(number) == [0, 0, 1, 2]


def test_the_union_follows_the_genome_not_the_alphabet():
    union, _ = merged(parse(["chr10:1-2", "chrX:1-2", "chr2:1-2", "scaffold:1-2", "chr1:1-2"]))
    assert list(union.chromosome) == ["chr1", "chr2", "chr10", "chrX", "scaffold"]


@given(stretches)
@settings(max_examples=200)
def test_the_sweep_finds_what_comparing_every_pair_finds(rows):
    given_peaks = peaks(rows)
    union, number = merged(given_peaks)
    assert sorted(zip(union.chromosome, union.start, union.end, strict=True)) == brute_union(rows)
    assert disjoint(union)
    for k in range(len(given_peaks)):
        assert bases(given_peaks, k) <= bases(union, int(number[k]))


@given(stretches, stretches)
@settings(max_examples=200)
def test_each_peak_goes_to_the_one_it_shares_most_bases_with(rows, onto_rows):
    some, (onto, _) = peaks(rows), merged(peaks(onto_rows))
    shuffled = onto.rows(np.random.default_rng(0).permutation(len(onto)))
    found = overlapped(some, shuffled)
    for k in range(len(some)):
        shared = np.array([len(bases(some, k) & bases(shuffled, j)) for j in range(len(shuffled))])
        if shared.max() == 0:
            assert found[k] == -1
        else:
            best = np.flatnonzero(shared == shared.max())
            assert found[k] == min(best, key=lambda j: shuffled.start[j])


@given(stretches, st.integers(0, 2**16))
@settings(max_examples=50)
def test_every_cell_keeps_its_total_on_the_union(rows, seed):
    union, number = merged(peaks(rows))
    counts = sparse.random(6, len(rows), 0.5, "csr", np.float32, random_state=seed)
    found = summed(counts, number, len(union))
    brute = np.zeros((6, len(union)))
    for k in range(len(rows)):
        brute[:, number[k]] += counts.toarray()[:, k]
    np.testing.assert_allclose(found.toarray(), brute, rtol=1e-6)


def test_half_a_million_peaks_take_seconds():
    rng = np.random.default_rng(0)
    start = rng.integers(0, 2 * 10**8, 500_000)
    some = Peaks(np.array(["chr1", "chr2"], dtype=object)[rng.integers(2, size=500_000)], start, start + 500)
    union, _ = merged(some)
    assert disjoint(union) and (overlapped(some, union) >= 0).all()
