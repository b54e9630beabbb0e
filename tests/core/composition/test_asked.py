from __future__ import annotations

import numpy as np
from scipy import sparse

from core.composition.asked import LEAST_COUNTS, from_cells, from_signature
from core.composition.plan import Plan, prepare
from core.composition.signature import signature
from core.specs import DeconvolveSpec, TransformSpec

CODES = np.repeat(np.arange(3), [40, 12, 4])
LABELS = ("A", "B", "C")
SPEC = DeconvolveSpec(cells_low=10, cells_high=20, mixtures=50)
GENES = [f"g{number}" for number in range(len(CODES))]
COUNTS = sparse.csr_matrix(np.eye(len(CODES), dtype=np.float32))
"""Every cell has a gene of its own, so that a sample says which cells it holds."""


def planned(seed: int) -> Plan:
    return prepare(COUNTS, CODES, LABELS, GENES, SPEC, TransformSpec(), seed=seed)


def test_a_sample_of_one_type_holds_unseen_cells_of_that_type_alone():
    plan = planned(3)
    made = from_cells(plan, 5)
    assert made.own.tolist() == [0] * 5 + [1] * 5 + [2] * 5 and made.unit == "counts"
    assert (made.values.sum(axis=1) == 20).all()
    for value, own in zip(made.values, made.own, strict=True):
        assert set(np.flatnonzero(value)) <= set(plan.test.rows[plan.test.starts[own] : plan.test.starts[own + 1]])
    assert made.cells.tolist() == np.diff(plan.test.starts).tolist()
    np.testing.assert_array_equal(made.values, from_cells(planned(3), 5).values)


def test_mixed_samples_hold_all_types_alike_and_none_that_were_trained_on():
    plan = planned(0)
    made = from_cells(plan, 200, mixed=True)
    assert not made.values[:, plan.train.rows].any()
    shares = np.stack([made.values[:, code == CODES].sum(axis=1) / 20 for code in range(3)], axis=1)
    np.testing.assert_allclose(shares.mean(axis=0), 1 / 3, atol=0.02)


def test_samples_drawn_from_profiles_have_their_mean():
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(2, (60, 8)).astype(np.float32))
    codes = np.repeat(np.arange(3), 20)
    profiles = signature(counts, codes, 3)
    pure = from_signature(profiles, 5000, 50, seed=0)
    np.testing.assert_allclose(pure.values[pure.own == 1].mean(axis=0), 5000 * profiles.profiles[:, 1], rtol=0.02)
    mixed = from_signature(profiles, 5000, 50, seed=0, mixed=True)
    np.testing.assert_allclose(mixed.values.mean(axis=0), 5000 * profiles.profiles.mean(axis=1), rtol=0.02)
    reads = from_signature(profiles.per_read(), 50, 50, seed=0)
    np.testing.assert_allclose(reads.values.sum(axis=1), LEAST_COUNTS, rtol=0.05)
    assert not pure.cells.any()
