from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.features import select
from core.data.peaks_ranked import peak_scores
from core.data.variable import variability
from core.specs import FeatureSpec
from tests.core.data.toys import toy

PEAKS = [f"chr1:{1000 * k}-{1000 * k + 500}" for k in range(4)]
COUNTS = np.array([[9, 1, 0, 1], [9, 1, 0, 0], [9, 0, 0, 0], [9, 0, 1, 0]])


def test_variable_peaks_are_those_seen_in_half_of_the_cells():
    table = variability(toy(COUNTS, PEAKS))
    assert list(table.index) == [PEAKS[1], PEAKS[2], PEAKS[3], PEAKS[0]]
    np.testing.assert_allclose(table["score"], [1, 0.75, 0.75, 0.5])


def test_top_peaks_are_those_with_most_counts():
    assert list(peak_scores(toy(COUNTS, PEAKS), "top").index) == [PEAKS[0], PEAKS[1], PEAKS[2], PEAKS[3]]


def searched(spec: FeatureSpec, n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [f"chr1:{1000 * k}-{1000 * k + 500}" for k in range(n)]
    share = rng.uniform(0.05, 0.95, n)
    labels = ["T"] * 30 + ["B"] * 30
    cells = (rng.random((60, n)) < share) + 0.0
    cells[:30, :40] += 1
    query = (rng.random((50, n)) < np.clip(share + rng.normal(0, 0.1, n), 0, 1)) + 0.0
    reference = toy(cells, names, labels)
    found = select(reference, spec, query=toy(query, names, role="query"))
    again = select(reference, spec, query=toy(query, names, role="query"))
    assert found.genes == again.genes
    return found.trace


def test_rule_a_begins_at_the_target_for_peaks():
    trace = searched(FeatureSpec(rule="common_variable", target=100, step=50))
    assert list(trace["taken"])[:2] == [100, 150] and trace["found"].iloc[-1] >= 100


def test_rule_b_grows_by_three_thousand_among_top_peaks_and_by_a_hundred_among_variable_ones():
    spec = FeatureSpec(rule="markers_in_variable", target=150, first=20, peak_score="top")
    assert list(searched(spec)["taken"])[:2] == [20, 3020]
    assert list(searched(spec.model_copy(update={"peak_score": "variable"}))["taken"])[:2] == [20, 120]


def test_a_target_that_cannot_be_reached_ends_the_search():
    for rule in ("common_variable", "markers_in_variable", "markers_in_query"):
        trace = searched(FeatureSpec(rule=rule, target=5000))
        assert trace["found"].iloc[-1] <= 400
