"""The recipe for gene activities, from real RNA to a semi-synthetic query.

The query was made from other cells of the same blood by a generator that itself averages neighbours, which flatters
smoothing: this shows that the way works, not how much it gains on real ATAC data.
"""

from __future__ import annotations

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score

from core.cli import main
from core.data.dataset import Dataset
from core.data.read import read
from core.specs import AnnotateSpec, SmoothingSpec, SourceSpec
from core.tasks.smooth import by_all_genes
from tests.conftest import real


def judged(out: Path, *settings: str) -> tuple[float, float]:
    """Accuracy and macro-F1 over all query cells after a run in ``out``."""
    query = real("pbmc_gene_activity_semisynthetic.h5ad")
    words = ["annotate", "--reference", str(real("pbmc_rna.h5ad")), "--labels", "cell_type", "--query", str(query)]
    words += ["--recipe", "gene_activity_annotator", "--threads", "1", "--out", str(out), *settings]
    assert main(words) == 0
    truth = ad.read_h5ad(query).obs["cell_type"].astype(str)
    called = pd.read_csv(out / "annotation.csv", keep_default_na=False).set_index("cell").loc[truth.index, "cell_type"]
    return accuracy_score(truth, called), f1_score(truth, called, average="macro")


@pytest.mark.slow
def test_gene_activities_are_labelled_from_rna_and_smoothing_is_what_helps(tmp_path: Path):
    quick = ["--set", "training.members=1", "--set", "training.epochs=8", "--set", "analysis.embedding.epochs=10"]
    accuracy, macro = judged(tmp_path / "smoothed", *quick)
    assert accuracy > 0.86 and macro > 0.74
    told = pd.read_csv(tmp_path / "smoothed" / "strangeness.csv").set_index("cell")
    annotation = pd.read_csv(tmp_path / "smoothed" / "annotation.csv").set_index("cell")
    np.testing.assert_allclose(told["from_query"], annotation["open_set_score"])
    asked = json.loads((tmp_path / "smoothed" / "summary.json").read_text())
    assert (~annotation["assigned"]).mean() < 0.08  # all query cells are of known types, and 5 % was asked for
    assert asked["refused_from_reference"] > 0.2 * len(annotation)
    plain = judged(tmp_path / "plain", *quick, "--set", "analysis.smoothing=null")
    assert accuracy > plain[0] and macro > plain[1]


def test_cells_are_compared_by_all_genes_only_where_they_are_smoothed():
    data: Dataset = read(SourceSpec(path=str(real("pbmc_gene_activity_semisynthetic.h5ad"))), "query")
    assert by_all_genes(data, AnnotateSpec()) is None
    seen = by_all_genes(data, AnnotateSpec(smoothing=SmoothingSpec()))
    assert seen is not None and seen.values.shape == (data.n_cells, data.n_genes)
