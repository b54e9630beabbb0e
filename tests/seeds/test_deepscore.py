import anndata
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from tests.conftest import real


@pytest.mark.slow
def test_deepscore_labels_another_protocol_about_as_well_as_the_original(celldesk):
    """The original, 30 epochs: accuracy .856, macro-F1 .830 on the same pair."""
    reference, query = real("pbmc3k.h5ad"), real("pbmc_3tech.h5ad")
    paths = ["--reference", reference, "--labels", "cell_type", "--query", query]
    out, summary = celldesk("annotate", *paths, "--recipe", "deepscore")
    called = pd.read_csv(out / "annotation.csv", index_col="cell")["cell_type"]
    known = anndata.read_h5ad(query, backed="r").obs["cell_type"].astype(str)
    shared = known.isin(summary["classes"])
    assert shared.sum() == 1197
    assert (called[known.index][shared] == known[shared]).mean() > 0.84
    types = sorted(set(known[shared]))
    assert f1_score(known[shared], called[known.index][shared], labels=types, average="macro") > 0.78
    adata = anndata.read_h5ad(out / "results.h5ad")
    assert adata.obs["celldesk_label"].astype(str).tolist() == called.tolist()
    assert adata.obsm["celldesk_probabilities"].shape == (1200, 8)
