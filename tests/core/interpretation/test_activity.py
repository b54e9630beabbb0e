from __future__ import annotations

import builtins

import decoupler
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from core.errors import DataError, MissingExtraError
from core.interpretation.activity import MOST_SCORES, activity, by_label
from core.specs import ActivitySpec

GENES = [f"G{number}" for number in range(60)]
SETS = {"FIRST": tuple(GENES[:8]), "SECOND": tuple(GENES[20:30]), "SMALL": ("G1", "G2")}


def cells(seed: int = 0) -> np.ndarray:
    """(12, 60), log expression with zeros; cell 3 is empty, gene 59 is never seen."""
    rng = np.random.default_rng(seed)
    values = np.log1p(rng.poisson(1.5, size=(12, 60))).astype(np.float32)
    values[0, :8] += 4
    values[3] = 0
    values[:, 59] = 0
    return values


def in_parts(values: np.ndarray, size: int = 5):
    return lambda: (sparse.csr_matrix(values[first : first + size]) for first in range(0, len(values), size))


def test_the_linear_model_is_the_t_of_the_slope_on_membership_over_the_genes_that_are_expressed():
    values = cells()
    scores = activity(in_parts(values), GENES, SETS, ActivitySpec())
    assert list(scores) == ["FIRST", "SECOND"]  # the small set is left out
    member = np.isin(np.arange(59), np.arange(8)).astype(float)
    for cell in (0, 1, 7):
        fit = stats.linregress(member, values[cell, :59])
        assert scores.loc[cell, "FIRST"] == pytest.approx(fit.slope / fit.stderr, rel=1e-4)
    assert scores["FIRST"].idxmax() == 0


@pytest.mark.parametrize("method", ["ulm", "aucell"])
def test_a_cell_without_expression_has_no_score_and_parts_make_no_difference(method):
    spec = ActivitySpec(method=method, top_share=20)
    small, whole = (activity(in_parts(cells(), size), GENES, SETS, spec) for size in (1, 12))
    assert small.loc[3].isna().all() and small.drop(index=3).notna().all(axis=None)
    np.testing.assert_allclose(small.to_numpy(), whole.to_numpy(), rtol=1e-5)


def test_aucell_is_one_where_the_set_leads_the_ranking_and_zero_where_it_is_not_in_it():
    values = np.tile(np.linspace(1, 2, 60, dtype=np.float32), (3, 1))
    values[0, :8] = 9 + np.arange(8)
    scores = activity(in_parts(values), GENES, SETS, ActivitySpec(method="aucell", top_share=20))
    assert scores.loc[0, "FIRST"] == pytest.approx(1)
    assert scores.loc[1, "FIRST"] == 0


def test_scores_equal_those_of_the_package_on_all_cells_at_once():
    import anndata

    values = np.delete(cells(1), 3, axis=0)
    adata = anndata.AnnData(sparse.csr_matrix(values), var=pd.DataFrame(index=pd.Index(GENES)))
    net = pd.DataFrame([(name, gene) for name in ("FIRST", "SECOND") for gene in SETS[name]])
    net.columns = ["source", "target"]
    for method in ("ulm", "aucell"):
        getattr(decoupler.mt, method)(adata, net.assign(weight=1.0), **({} if method == "ulm" else {"n_up": 3}))
        ours = activity(in_parts(values), GENES, SETS, ActivitySpec(method=method, top_share=5))
        np.testing.assert_allclose(ours.to_numpy(), adata.obsm[f"score_{method}"][["FIRST", "SECOND"]], rtol=1e-4)


def test_means_and_z_by_label_are_those_of_the_scores():
    scores = pd.DataFrame({"A": [1.0, 3.0, 5.0, 7.0], "B": [2.0, 2.0, 2.0, 2.0]})
    means, z = by_label(scores, np.array(["x", "x", "y", "y"]))
    assert means.loc["A"].tolist() == [2, 6]
    spread = np.std([1, 3, 5, 7])
    np.testing.assert_allclose(z.loc["A"], [-2 / spread, 2 / spread])
    assert z.loc["B"].tolist() == [0, 0] and z.index.name == "gene_set"


def test_too_many_scores_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr("core.interpretation.activity.MOST_SCORES", 20)
    assert MOST_SCORES > 20
    with pytest.raises(DataError, match="too many scores"):
        activity(in_parts(cells()), GENES, SETS, ActivitySpec())


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch):
    own = builtins.__import__

    def refuse(name, *arguments, **more):
        if name == "decoupler":
            raise ImportError("No module named 'decoupler'")
        return own(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"requirements-activity\.txt"):
        activity(in_parts(cells()), GENES, SETS, ActivitySpec())
