from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from core.annotation.rejection import OpenSet
from core.annotation.strangeness import surroundings
from core.data.dataset import Dataset
from core.data.read import read
from core.runs.run import Run
from core.specs import AnnotateSpec, SourceSpec
from core.tasks.own_baseline import own_baseline, refused_by_own_baseline


def known(held: np.ndarray) -> OpenSet:
    around = surroundings(np.eye(4), np.array([0, 0, 1, 2]), np.random.default_rng(0))
    scores = np.arange(1, len(held) + 1) / len(held)
    return OpenSet(around, ("cosine",), held, scores, np.ones(len(held), dtype=bool), 0.05)


def query(folder: Path, n: int) -> Dataset:
    counts = np.random.default_rng(0).poisson(2.0, (n, 30)).astype(np.float32)
    obs, var = (pd.DataFrame(index=[f"{word}{k}" for k in range(size)]) for word, size in (("c", n), ("GENE", 30)))
    ad.AnnData(counts, obs, var).write_h5ad(folder / "query.h5ad")
    return read(SourceSpec(path=str(folder / "query.h5ad")), "query")


def test_cells_that_are_all_stranger_by_one_amount_are_refused_at_the_rate_asked_for(tmp_path: Path):
    held = np.arange(100.0)[:, None]
    annotation = pd.DataFrame({"cell": [f"c{k}" for k in range(100)], "assigned": False, "open_set_score": 1.0})
    found = refused_by_own_baseline(annotation, held + 1000, known(held), Run(tmp_path))
    assert (~found["assigned"]).sum() == 5
    told = pd.read_csv(tmp_path / "strangeness.csv")
    assert list(told) == ["cell", "from_query", "from_reference"] and (told["from_reference"] == 1).all()


def test_few_cells_are_judged_by_the_reference_alone(tmp_path: Path):
    spec = AnnotateSpec(strangeness_from="query")
    assert not own_baseline(spec, query(tmp_path, 49)) and own_baseline(spec, query(tmp_path, 50))
    assert not own_baseline(AnnotateSpec(), query(tmp_path, 50))
