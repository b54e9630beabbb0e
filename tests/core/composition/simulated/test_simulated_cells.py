"""New cells drawn from a count model."""

import anndata
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from core.composition.simulated.cell_covariates import cell_design
from core.composition.simulated.count_models import CountModel, fit_counts
from core.composition.simulated.simulated_cells import simulated_blocks, simulated_cells
from core.errors import DataError
from tests.conftest import real

LABELS = ("A", "B")
CELLS = cell_design(np.array([0, 0, 0, 1, 1]), LABELS, np.array([800.0, 1000, 1200, 5000, 5000]))


def model(zeros: float = -30.0, theta: float = 2.0) -> CountModel:
    ones = np.ones(3)
    effects = np.log([[0.01, 0.001], [0.002, 0.01], [0.0005, 0.0005]])
    zero = np.column_stack([zeros * ones, 0 * ones])
    return CountModel(("g1", "g2", "g3"), LABELS, (), effects, theta * ones, theta * ones, zero, 0 * ones, -ones)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_cells_are_named_and_of_the_types_asked_for():
    made = simulated_cells(model(), CELLS, {"B": 2, "A": 3}, rng())
    assert made.names.tolist() == [f"{t}_simulated_{n}" for t, n in [("B", 1), ("B", 2), ("A", 1), ("A", 2), ("A", 3)]]
    assert made.codes.tolist() == [1, 1, 0, 0, 0] and made.counts.shape == (5, 3)
    np.testing.assert_array_equal(CELLS.codes[made.parents], made.codes)
    np.testing.assert_array_equal(CELLS.library[made.parents], made.library)
    assert sparse.isspmatrix_csr(made.counts) and made.counts.dtype == np.float32


def test_mean_variance_and_zeros_are_those_of_the_model():
    made = simulated_cells(model(), CELLS, {"B": 40_000}, rng()).counts.toarray()
    mu = 5000 * np.array([0.001, 0.01, 0.0005])
    np.testing.assert_allclose(made.mean(axis=0), mu, rtol=0.03)
    np.testing.assert_allclose(made.var(axis=0), mu + mu**2 / 2, rtol=0.06)
    np.testing.assert_allclose((made == 0).mean(axis=0), (2 / (2 + mu)) ** 2, atol=0.004)


def test_further_zeros_come_at_their_share():
    made = simulated_cells(model(zeros=np.log(0.25 / 0.75), theta=1e4), CELLS, {"B": 40_000}, rng()).counts
    np.testing.assert_allclose((made[:, [1]].toarray() == 0).mean(), 0.25, atol=0.01)


@given(st.integers(0, 100), st.integers(1, 40))
@settings(max_examples=20)
def test_the_size_of_a_block_changes_nothing(seed, block):
    whole = simulated_cells(model(zeros=-1.0), CELLS, {"A": 21, "B": 9}, rng(seed))
    parts = list(simulated_blocks(model(zeros=-1.0), CELLS, {"A": 21, "B": 9}, rng(seed), block=block))
    assert max(map(len, parts)) <= block
    np.testing.assert_array_equal(sparse.vstack([part.counts for part in parts]).toarray(), whole.counts.toarray())


def test_seeds_matter():
    first, again, other = (simulated_cells(model(), CELLS, {"B": 20}, rng(seed)).counts.toarray() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({"C": 1}, "not in the count model. Got \\['C'\\]"), ({"A": 0}, "No cells were asked for"), ({}, "No cells")],
)
def test_wishes_that_cannot_be_met_are_refused(wanted, words):
    with pytest.raises(DataError, match=words):
        simulated_cells(model(), CELLS, wanted, rng())


def test_a_type_without_a_real_cell_is_refused():
    with pytest.raises(DataError, match=r"no real cell to take a library size from\. Got \['B'\]"):
        simulated_cells(model(), CELLS.rows(np.array([0, 1])), {"B": 1}, rng())


def test_a_batch_is_carried_over_from_real_cells():
    cells = anndata.read_h5ad(real("pbmc_kang.h5ad"))
    cells = cells[cells.obs["cell_type"].isin(["B", "CD14 Mono"]).to_numpy()].copy()
    kind = cells.obs["cell_type"].astype(str).astype("category")
    names = ["ISG15", "CXCL10", "CD74", "FTL"]
    counts = sparse.csr_matrix(cells[:, names].X)
    library = np.asarray(cells.X.sum(axis=1)).ravel()
    design = cell_design(kind.cat.codes.to_numpy(), list(kind.cat.categories), library, cells.obs[["batch"]])
    fitted = fit_counts(counts, names, design)
    assert fitted.columns == ("batch: stim",) and fitted.effects[0, 2] > 2
    made = simulated_cells(fitted, design, {"CD14 Mono": 600}, rng())
    treated = design.covariates[made.parents, 0] == 1
    isg15 = made.counts[:, [0]].toarray().ravel()
    assert isg15[treated].mean() > 5 * isg15[~treated].mean()
