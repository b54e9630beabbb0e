"""Simulated beside real cells."""

import numpy as np
import pytest
from scipy import sparse

from core.composition.simulated.simulated_report import simulation_report
from core.errors import DataError

LABELS, GENES = ("A", "B", "C"), [f"g{i}" for i in range(30)]


def counts(n: int, seed: int, theta: float = 1.0) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    mu = np.linspace(0.2, 6, 30)
    return sparse.csr_matrix(rng.negative_binomial(theta, theta / (theta + mu), (n, 30)))


CODES = np.repeat([0, 1], 80)


def test_cells_of_one_distribution_are_alike():
    report = simulation_report(counts(160, 0), CODES, counts(160, 1), CODES, LABELS, GENES)
    assert report.types["cell_type"].tolist() == ["A", "B"]
    assert report.types[["real", "simulated"]].to_numpy().tolist() == [[80, 80]] * 2
    assert (report.types["auc_low"] < 0.55).all() and (report.types["mixing"] > 0.85).all()
    assert (report.types["zeros_error"] < 0.08).all() and (report.types["detected_distance"] < 0.25).all()
    assert len(report.genes) == 2 * 2 * 30 and len(report.cells) == 320 and report.explained.shape == (2,)


def test_cells_with_too_little_variance_are_found_out():
    report = simulation_report(counts(160, 0), CODES, counts(160, 1, theta=1e6), CODES, LABELS, GENES)
    assert (report.types["auc"] > 0.9).all()
    assert (report.types["variance_error"] > 0.3).all()
    assert (report.types["detected_distance"] > 0.8).all()


def test_the_gene_table_holds_moments_by_type_and_set():
    one = sparse.csr_matrix([[0.0, 2], [2, 2], [4, 2]])
    table = simulation_report(one, np.zeros(3, int), one * 2, np.zeros(3, int), LABELS, ["x", "y"]).genes
    first = table[(table["gene"] == "x") & (table["set"] == "real")].iloc[0]
    assert first[["mean", "variance", "zeros"]].tolist() == pytest.approx([2, 4, 1 / 3])
    assert table[(table["gene"] == "x") & (table["set"] == "simulated")].iloc[0]["variance"] == pytest.approx(16)


def test_real_types_that_nobody_simulated_are_left_out():
    report = simulation_report(counts(160, 0), CODES, counts(40, 1), np.ones(40, int), LABELS, GENES)
    assert report.types["cell_type"].tolist() == ["B"] and set(report.cells["cell_type"]) == {"B"}


def test_a_type_with_one_cell_is_refused():
    with pytest.raises(DataError, match=r"fewer than two cells to compare\. Got \['C'\]"):
        simulation_report(counts(161, 0), np.append(CODES, 2), counts(9, 1), np.full(9, 2), LABELS, GENES)
