"""Files with genes and peaks of the same cells: h5mu and 10x multiome."""

from __future__ import annotations

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data.multiome import read_bridge
from core.data.read import read
from core.data.summary import summary
from core.errors import DataError
from core.specs import BridgeSourceSpec, SourceSpec
from tests.core.multiome_files import peak_names, simulated_peaks, write_h5mu, write_tenx_multiome

GENES = ["CD3D", "CD3E", "IL7R", "MS4A1", "CD79A", "NKG7"]


def parts(n: int = 30) -> tuple[ad.AnnData, ad.AnnData]:
    rng = np.random.default_rng(0)
    cells = pd.Index([f"cell{k}" for k in range(n)])
    counts = sparse.csr_matrix(rng.poisson(2.0, (n, len(GENES))).astype(np.float32))
    genes = ad.AnnData(counts, pd.DataFrame({"type": ["T", "B"] * (n // 2)}, index=cells), pd.DataFrame(index=GENES))
    opened = simulated_peaks(counts, 1, depth=50)
    peaks = ad.AnnData(opened, pd.DataFrame(index=cells), pd.DataFrame(index=peak_names(len(GENES))))
    return genes, peaks


def source(path) -> SourceSpec:
    return SourceSpec(path=str(path))


@pytest.fixture(params=["h5mu", "10x"])
def file(request, tmp_path):
    genes, peaks = parts()
    if request.param == "h5mu":
        return write_h5mu(tmp_path / "cells.h5mu", {"rna": genes, "atac": peaks}), "rna", "atac"
    return write_tenx_multiome(tmp_path / "cells.h5", genes, peaks), "Gene Expression", "Peaks"


def test_genes_are_read_unless_peaks_are_asked_for(file):
    path, genes, peaks = file
    found = read(source(path), "reference")
    assert list(found.genes) == GENES and found.modality == genes and set(found.modalities) == {genes, peaks}
    other = read(SourceSpec(path=str(path), modality=peaks), "query")
    assert other.holds_peaks and other.unit == "counts" and other.n_cells == 30
    assert summary(other)["gene_kind"] == "peaks" and summary(other)["modality"] == peaks


def test_the_other_part_is_offered(file):
    path, _, peaks = file
    finding = read(source(path), "query").report.find("modality")
    assert finding is not None and (finding.setting, finding.value) == ("data.query.modality", peaks)


def test_a_part_that_is_not_there_is_refused_with_those_that_are(file):
    path, genes, _ = file
    with pytest.raises(DataError, match=f"no such part.*protein.*{genes}"):
        read(SourceSpec(path=str(path), modality="protein"), "query")


def test_a_bridge_is_both_parts_of_the_same_cells(file):
    genes, peaks = read_bridge(BridgeSourceSpec(path=str(file[0])))
    assert list(genes.genes) == GENES and peaks.holds_peaks and genes.role == peaks.role == "bridge"
    assert list(genes.adata.obs_names) == list(peaks.adata.obs_names)
    np.testing.assert_array_equal(peaks.adata.X.toarray(), parts()[1].X.toarray())


def test_cells_in_another_order_are_put_in_order(tmp_path):
    genes, peaks = parts()
    write_h5mu(tmp_path / "cells.h5mu", {"rna": genes, "atac": peaks[::-1].copy()})
    _, found = read_bridge(BridgeSourceSpec(path=str(tmp_path / "cells.h5mu")))
    np.testing.assert_array_equal(found.adata.X.toarray(), peaks.X.toarray())


def test_parts_with_different_cells_are_refused(tmp_path):
    genes, peaks = parts()
    write_h5mu(tmp_path / "cells.h5mu", {"rna": genes, "atac": peaks[:20].copy()})
    with pytest.raises(DataError, match=r"30 cells with genes, 20 with peaks, 20 in both.*intersect_obs"):
        read_bridge(BridgeSourceSpec(path=str(tmp_path / "cells.h5mu")))


def test_a_file_without_peaks_is_no_bridge(tmp_path):
    genes, _ = parts()
    protein = ad.AnnData(genes.X[:, :3], genes.obs, pd.DataFrame(index=["CD3", "CD19", "CD56"]))
    write_h5mu(tmp_path / "cite.h5mu", {"rna": genes, "prot": protein})
    with pytest.raises(DataError, match="no part with peaks"):
        read_bridge(BridgeSourceSpec(path=str(tmp_path / "cite.h5mu")))
    genes.write_h5ad(tmp_path / "cells.h5ad")
    with pytest.raises(DataError, match="one file with two parts"):
        read_bridge(BridgeSourceSpec(path=str(tmp_path / "cells.h5ad")))


def test_three_parts_are_told_apart_by_name_and_by_content(tmp_path):
    genes, peaks = parts()
    protein = ad.AnnData(genes.X[:, :3], genes.obs, pd.DataFrame(index=["CD3", "CD19", "CD56"]))
    path = write_h5mu(tmp_path / "three.h5mu", {"prot": protein, "rna": genes, "chromatin": peaks})
    assert list(read_bridge(BridgeSourceSpec(path=str(path)))[0].genes) == GENES
    path = write_h5mu(tmp_path / "odd.h5mu", {"first": protein, "second": genes, "third": peaks})
    with pytest.raises(DataError, match=r"several parts with genes.*data.bridge.expression"):
        read_bridge(BridgeSourceSpec(path=str(path)))
    assert list(read_bridge(BridgeSourceSpec(path=str(path), expression="second"))[0].genes) == GENES
    with pytest.raises(DataError, match="not genes and peaks"):
        read_bridge(BridgeSourceSpec(path=str(path), expression="second", accessibility="first"))


def test_columns_kept_for_all_parts_come_along(tmp_path):
    genes, peaks = parts()
    path = write_h5mu(tmp_path / "cells.h5mu", {"rna": genes[:, :], "atac": peaks})
    with h5py.File(path, "a") as file:
        del file["obs"]
        common = pd.DataFrame({"donor": ["a"] * 30, "rna:type": genes.obs["type"].astype(str)}, index=genes.obs_names)
        ad.io.write_elem(file, "obs", common)
    assert list(read(source(path), "reference").adata.obs.columns) == ["type", "donor"]


def test_a_file_of_peaks_alone_needs_no_choice(tmp_path):
    genes, peaks = parts()
    path = write_tenx_multiome(tmp_path / "peaks.h5", genes[:, :0].copy(), peaks)
    assert read(source(path), "query").holds_peaks


def test_a_file_without_parts_has_none_to_choose(tmp_path):
    table = tmp_path / "cells.csv"
    table.write_text("cell,CD3D,MS4A1\na,1,2\nb,0,3\nc,2,2\n")
    with pytest.raises(DataError, match="no parts to choose from"):
        read(SourceSpec(path=str(table), modality="rna"), "query")
