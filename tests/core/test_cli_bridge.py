"""Naming the parts of a bridge on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.cli import main
from core.cli_bridge import add_bridge_options, bridge_of
from core.errors import SpecError
from tests.core.multiome_files import peak_names, simulated_peaks, write_h5mu

N_GENES = 60


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_bridge_options(parser)
    return parser.parse_args(words)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A command with a reference of genes, a query of peaks and a bridge with two parts of genes."""
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(2.0, (40, N_GENES)).astype(np.float32))
    obs = pd.DataFrame({"cell_type": ["B", "T"] * 20}, index=[f"cell{k}" for k in range(40)])
    genes = ad.AnnData(counts, obs, pd.DataFrame(index=[f"GENE{k}" for k in range(N_GENES)]))
    peaks = ad.AnnData(simulated_peaks(counts, 1), obs[[]], pd.DataFrame(index=peak_names(N_GENES)))
    genes.write_h5ad(tmp_path / "reference.h5ad")
    peaks.write_h5ad(tmp_path / "query.h5ad")
    spliced, unspliced = genes.copy(), genes.copy()
    write_h5mu(tmp_path / "bridge.h5mu", {"spliced": spliced, "unspliced": unspliced, "chromatin": peaks})
    named = ["annotate", "--reference", str(tmp_path / "reference.h5ad"), "--labels", "cell_type"]
    named += ["--query", str(tmp_path / "query.h5ad"), "--bridge", str(tmp_path / "bridge.h5mu")]
    return [*named, "--out", str(tmp_path / "run"), "--threads", "1"]


def test_parts_are_named_beside_the_file():
    found = bridge_of(options("--bridge", "m.h5mu", "--bridge-rna", "spliced", "--bridge-atac", "chromatin"), Path)
    assert found is not None
    assert (found.path, found.expression, found.accessibility) == ("m.h5mu", "spliced", "chromatin")


def test_without_names_the_parts_are_found():
    found = bridge_of(options("--bridge", "m.h5mu"), Path)
    assert found is not None and (found.expression, found.accessibility) == ("auto", "auto")
    assert bridge_of(options(), Path) is None


def test_a_part_without_a_bridge_is_refused():
    with pytest.raises(SpecError, match=r"no bridge.*spliced.*Give --bridge FILE"):
        bridge_of(options("--bridge-rna", "spliced"), Path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "several parts with genes. Got `spliced` and `unspliced`. Name the one that is meant: on the Data page"),
        (["--bridge-rna", "rna"], "no such part. Got rna. Choose one of: `chromatin` (peaks), `spliced` (genes)"),
        (["--bridge-rna", "spliced", "--bridge-atac", "unspliced"], "and one with peaks: `chromatin` (peaks), `spl"),
    ],
)
def test_a_wrong_name_lists_the_parts_of_the_file(words: list[str], more: list[str], said: str, capsys):
    assert main([*words, *more]) == 2
    assert said in capsys.readouterr().err
