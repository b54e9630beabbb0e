"""Correlations of genes with units."""

import numpy as np
from scipy import sparse

from core.interpretation.association import association


def test_correlations_of_genes_and_units_as_numpy_has_them():
    rng = np.random.default_rng(0)
    genes, units = rng.poisson(1.0, (50, 6)).astype(np.float32), rng.normal(size=(50, 3)) + 100
    genes[:, 4] = 2.0
    units[:, 2] = -1.0
    found = association(sparse.csr_matrix(genes), units)
    expected = np.zeros((3, 6))
    varying = [0, 1, 2, 3, 5]
    expected[:2, varying] = np.corrcoef(units.T[:2], genes.T[varying])[:2, 2:]
    np.testing.assert_allclose(found.signed, expected, atol=1e-6)
    np.testing.assert_allclose(found.absolute, np.abs(expected), atol=1e-6)
    assert found.cells == 50
    np.testing.assert_allclose(association(genes, units).signed, found.signed, atol=1e-12)


def test_two_groups_together_are_one_group():
    rng = np.random.default_rng(1)
    genes, units = rng.normal(size=(40, 4)), rng.normal(size=(40, 2))
    genes[:10] += 3.0
    units[:10] += 3.0
    both = association(genes[:10], units[:10]) + association(genes[10:], units[10:])
    np.testing.assert_allclose(both.signed, association(genes, units).signed, atol=1e-12)
    assert both.cells == 40 and both.signed.min() > 0.5
