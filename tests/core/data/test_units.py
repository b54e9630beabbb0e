from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data.normalise import library_size, normalised
from core.data.read import read
from core.data.units import interpret, log_base
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real

RNG = np.random.default_rng(0)
LENGTHS = RNG.gamma(2, 1, 200)
TPM = RNG.gamma(0.3, 1, (6, 200)) * (RNG.random((6, 200)) > 0.3) / LENGTHS
TPM *= 1e6 / TPM.sum(axis=1, keepdims=True)


def meaning(values, role="query", **settings):
    return interpret(sparse.csr_matrix(values), SourceSpec(path="file", **settings), role, "X")


def test_whole_numbers_are_counts():
    values, unit, found = meaning([[1.0, 0], [3, 2]])
    assert unit == "counts" and values.dtype == np.float32 and found[0].what == "X holds raw counts."


def test_negative_whole_numbers_are_an_error_and_negative_fractions_are_values():
    with pytest.raises(DataError, match="1 value of X lies below zero"):
        meaning([[1.0, -2], [3, 2]])
    with pytest.raises(DataError, match="below zero"):
        meaning([[1.5, -2.5], [3, 2]], unit="counts")
    _, unit, found = meaning([[1.5, -2.5], [3, 2]])
    assert unit == "values" and found[0].kind == "choose" and "scaling" in found[0].what


def test_bulk_tpm_is_recognised_and_stays_linear():
    values, unit, found = meaning(TPM, "bulk")
    assert unit == "tpm" and found[0].what == "Each sample adds up to 1,000,000, so the unit was read as TPM."
    np.testing.assert_allclose(values.toarray(), TPM, rtol=1e-6)


def test_bulk_cpm_is_told_from_tpm_by_its_whole_multiples():
    counts = RNG.poisson(3, (6, 200))
    _, unit, _ = meaning(counts * 1e6 / counts.sum(axis=1, keepdims=True), "bulk")
    assert unit == "cpm"


@pytest.mark.parametrize(("base", "log"), [("log2", lambda x: np.log2(x + 1)), ("log1p", np.log1p)])
def test_logged_bulk_comes_out_linear(base, log):
    values, unit, found = meaning(log(TPM), "bulk")
    assert unit == "tpm" and found[0].key == "logged"
    np.testing.assert_allclose(values.toarray(), TPM, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("role", ["bulk", "reference"])
def test_values_with_other_totals_are_linear_and_said_to_be_scaled(role):
    fpkm = TPM * RNG.uniform(0.3, 0.8, (6, 1))
    values, unit, found = meaning(fpkm, role)
    assert unit == "linear" and found[0].kind == "note" and "total of each" in found[0].what
    np.testing.assert_allclose(values.toarray(), fpkm, rtol=1e-6)
    each = [normalised(dense, "linear", "log2_cpm", library_size(dense, "linear")) for dense in (fpkm * 1e3, TPM * 1e3)]
    np.testing.assert_allclose(*each, atol=0.02)


def test_logged_bulk_of_unknown_base_is_taken_as_log2_and_left_to_the_user():
    fpkm = TPM / 100 * RNG.uniform(0.3, 0.8, (6, 1))
    values, unit, found = meaning(np.log2(fpkm + 1), "bulk")
    assert unit == "linear" and [each.kind for each in found] == ["choose"]
    np.testing.assert_allclose(values.toarray(), fpkm, rtol=1e-3, atol=1e-2)
    natural, unit, found = meaning(np.log1p(fpkm), "bulk", unit="log1p")
    assert unit == "linear" and [each.kind for each in found] == ["note"]
    np.testing.assert_allclose(natural.toarray(), fpkm, rtol=1e-3, atol=1e-2)


def test_shares_are_used_as_they_are_and_left_to_the_user():
    _, unit, found = meaning(TPM / 1e6)
    assert unit == "values" and found[0].kind == "choose"


def test_array_values_without_zeros_are_log2():
    values = np.log2(RNG.gamma(2, 200, (6, 200)) + 20)
    linear, unit, found = meaning(values, "bulk")
    assert unit == "linear" and "2^x." in found[0].what
    np.testing.assert_allclose(linear.toarray(), 2**values, rtol=1e-5)
    kept, unit, found = meaning(values, "reference")
    assert unit == "log2" and found[0].kind == "note"
    np.testing.assert_allclose(kept.toarray(), values, rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "expected"), [("log1p", "log1p"), ("cpm", "cpm"), ("tpm", "tpm"), ("values", "values")]
)
def test_a_set_unit_is_obeyed(unit, expected):
    values, found, _ = meaning([[1.5, 0], [3, 2]], unit=unit)
    assert found == expected
    np.testing.assert_array_equal(values.toarray(), [[1.5, 0], [3, 2]])


def test_a_set_log1p_cp10k_that_does_not_come_out_is_reported():
    _, unit, found = meaning(RNG.gamma(1, 1, (30, 30)), unit="log1p_cp10k")
    assert unit == "log1p" and found[0].kind == "choose" and "do not come out" in found[0].what


def test_expected_counts_are_reported_when_set_as_counts():
    _, unit, found = meaning([[1.5, 0], [3, 2]], unit="counts")
    assert unit == "counts" and "33.3 %" in found[0].what


@pytest.mark.parametrize(
    ("name", "unit", "base"),
    [
        ("pancreas_lawlor.h5ad", "log2", None),
        ("tasic_v1.h5ad", "log2", None),
        ("pancreas_wang.h5ad", "counts", "log2"),
        ("pancreas_xin.h5ad", "counts", "log2"),
    ],
)
def test_log2_of_real_cells(name, unit, base):
    data = read(SourceSpec(path=str(real(name))), "query")
    assert data.unit == unit
    turned = data.report.find("turned_back")
    assert (turned.value if turned else None) == base
    if base:
        assert (data.adata.X.data == np.rint(data.adata.X.data)).all()


@pytest.mark.parametrize(("name", "total"), [("hoek_expression.csv.gz", 1e6), ("monaco_expression.csv.gz", 969_340)])
def test_real_bulk_is_tpm(name, total):
    data = read(SourceSpec(path=str(real(name))), "bulk")
    assert data.unit == "tpm"
    assert np.median(np.asarray(data.adata.X.sum(axis=1))) == pytest.approx(total, rel=1e-3)
    frame = pd.read_csv(real(name), index_col=0)
    np.testing.assert_allclose(data.adata.X.toarray(), frame.T.to_numpy(), rtol=1e-6)
    assert list(data.genes) == list(frame.index)


def test_log_base_by_constant_totals():
    assert log_base(sparse.csr_matrix(np.log1p(TPM / 100))) == "log1p"
    assert log_base(sparse.csr_matrix(np.log2(TPM / 100 + 1))) == "log2"
