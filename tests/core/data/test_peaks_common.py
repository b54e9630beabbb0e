from __future__ import annotations

import numpy as np
import pytest

from core.data.align import align
from core.data.genes import gene_names
from core.data.peaks_common import harmonised, peak_findings, with_usable_peaks
from core.data.validate import check_together, require_shared
from core.errors import DataError
from core.specs import PeakSpec
from tests.core.data.toys import toy

WIDE = PeakSpec(min_width=1)
OURS = ["chr1:100-200", "chr1:300-400", "chr1:400-450", "chr2:10-60"]
THEIRS = ["chr1:150-250", "chr1:320-330", "chr3:5-55", "chr2:10-60"]


def both(unit="counts"):
    reference = toy([[1, 2, 3, 4], [0, 1, 0, 2]], OURS, unit=unit)
    query = toy([[5, 6, 7, 8], [1, 0, 1, 0], [0, 0, 0, 1]], THEIRS, role="query")
    return reference, query


def test_copied_renamed_summed_and_absent_as_published():
    found = harmonised(both(), WIDE)
    reference, query = found.sets
    assert list(reference.genes) == ["chr1:100-250", "chr1:300-450", "chr2:10-60", "chr3:5-55"]
    assert list(query.genes) == list(reference.genes)
    np.testing.assert_array_equal(reference.adata.X.toarray(), [[1, 5, 4, 0], [0, 1, 2, 0]])
    np.testing.assert_array_equal(query.adata.X.toarray(), [[5, 6, 8, 7], [1, 0, 0, 1], [0, 0, 1, 0]])
    row = found.table.set_index("set").loc["reference"]
    assert dict(row) == {"peaks": 4, "left_out": 0, "copied": 1, "renamed": 1, "summed": 2, "absent": 1}
    row = found.table.set_index("set").loc["query"]
    assert dict(row) == {"peaks": 4, "left_out": 0, "copied": 2, "renamed": 2, "summed": 0, "absent": 0}


def test_any_number_of_sets_and_a_single_one():
    reference, query = both()
    third = toy([[1], [2]], ["chr1:240-310"], role="query")
    assert next(iter(harmonised([reference, query, third], WIDE).sets[2].genes)) == "chr1:100-450"
    alone = harmonised([reference], WIDE).sets[0]
    assert list(alone.genes) == ["chr1:100-200", "chr1:300-450", "chr2:10-60"]


def test_what_is_left_out_is_told():
    found = harmonised(both(), PeakSpec(min_width=50))
    assert list(found.table["left_out"]) == [0, 1]
    notes = peak_findings(found.sets, found.table)
    assert [one.key for one in notes if one.kind == "note"] == ["peaks_left_out"]


def test_logged_peaks_are_not_summed():
    reference, query = both("log1p")
    with pytest.raises(DataError, match="hold no counts"):
        harmonised([reference, query], WIDE)


def test_no_peak_left_says_how_wide_they_were():
    with pytest.raises(DataError, match=r"No peak of the reference is left.*50 to 100 bases"):
        with_usable_peaks(both()[0], PeakSpec(min_width=500))


def test_genes_are_left_alone():
    genes = toy([[1, 0], [0, 1]], ["CD3D", "MS4A1"])
    assert with_usable_peaks(genes, PeakSpec()) is genes


def test_a_later_query_reads_as_it_did_when_the_union_was_made():
    reference, query = both()
    common = harmonised([reference, query], WIDE).sets
    chosen = list(common[0].genes[[1, 3, 0]])
    then, later = align(common[1], chosen), align(query, chosen)
    np.testing.assert_array_equal(then.values.toarray(), later.values.toarray())
    np.testing.assert_array_equal(then.library, later.library)
    assert not later.missing


def test_a_query_elsewhere_on_the_genome_is_refused():
    with pytest.raises(DataError, match="No peak of the data overlaps"):
        align(toy([[1, 1], [2, 1]], ["chr7:1-50", "chr8:1-50"], role="query"), OURS)


def test_peaks_are_a_kind_of_feature_and_are_compared_by_overlap():
    reference, query = both()
    assert gene_names(OURS).kind == "peaks" and reference.holds_peaks
    found = check_together(reference, query).find("shared_peaks")
    assert found is not None and "3 of 4 peaks overlap" in found.what and found.kind == "fine"


def test_genes_beside_peaks_are_refused_with_the_way_round():
    genes = toy([[1, 0], [0, 1]], ["CD3D", "MS4A1"])
    with pytest.raises(DataError, match=r"reference holds genes and the query holds peaks.*Bring a bridge"):
        require_shared(genes, both()[1])
