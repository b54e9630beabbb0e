from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, Demo, demo_sets, write_demo


@pytest.fixture(scope="module")
def demo() -> Demo:
    return demo_sets()


def test_cells_are_divided_once(demo: Demo):
    assert (demo.reference.n_obs, demo.query.n_obs) == (400, 200)
    assert not set(demo.reference.obs_names) & set(demo.query.obs_names)
    assert set(demo.reference.obs[LABEL_COLUMN]) == set(demo.query.obs[HIDDEN_TRUTH])
    assert LABEL_COLUMN not in demo.query.obs


def test_counts_are_whole_and_rebuild_the_file(demo: Demo):
    import scanpy

    source = scanpy.datasets.pbmc68k_reduced()[demo.query.obs_names].copy()
    counts = demo.query.X.toarray()
    assert (counts == np.rint(counts)).all()
    total = source.obs["n_counts"].to_numpy()[:, None]
    np.testing.assert_allclose(np.log1p(1e4 * counts / total), source.raw.X.toarray(), atol=6e-4)


def test_proportions_of_each_sample_add_up(demo: Demo):
    assert demo.bulk.shape == (765, 6) and list(demo.bulk.columns) == list(demo.truth.index)
    np.testing.assert_allclose(demo.truth.sum(axis=1), 1.0)


def test_gene_sets_are_in_the_data(demo: Demo):
    sizes = {name: len(set(genes) & set(demo.reference.var_names)) for name, genes in demo.gene_sets.items()}
    assert len(sizes) >= 12 and min(sizes.values()) >= 5
    assert all(len(genes) == len(set(genes)) for genes in demo.gene_sets.values())


def test_markers_of_a_type_are_highest_in_that_type(demo: Demo):
    counts = demo.reference.to_df()
    shares = counts.div(counts.sum(axis=1), axis=0)
    profile = shares.groupby(demo.reference.obs[LABEL_COLUMN].to_numpy()).mean()
    for name, label in {"B_CELL": "CD19+ B", "NK_CELL": "CD56+ NK"}.items():
        genes = [gene for gene in demo.gene_sets[name] if gene in profile.columns]
        assert (profile[genes] / profile[genes].max()).mean(axis=1).idxmax() == label


def test_files_are_written_as_a_user_brings_them(tmp_path, demo: Demo):
    paths = write_demo(tmp_path / "demo")
    assert anndata.read_h5ad(paths["reference"]).n_obs == 400
    assert HIDDEN_TRUTH in anndata.read_h5ad(paths["query"]).obs
    pd.testing.assert_frame_equal(pd.read_csv(paths["bulk"], index_col=0), demo.bulk, check_names=False)
    assert pd.read_csv(paths["truth"], index_col=0).shape == (6, 10)
    first = paths["gene_sets"].read_text().splitlines()[0].split("\t")
    assert first[2:] == demo.gene_sets[first[0]]


def test_another_seed_gives_another_division():
    assert list(demo_sets(1).query.obs_names) != list(demo_sets(0).query.obs_names)
