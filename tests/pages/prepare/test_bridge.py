"""Peaks, a bridge and gene activities on the Data and Features pages."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.recipes.adopt import adopted
from core.tasks import admit, bridge_file, check, feature_search
from tests.core.multiome_files import peak_names, simulated_peaks, write_h5mu
from tests.pages.prepare.conftest import Open, words

N_GENES = 700


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """reference.h5ad and activity.h5ad (genes), bridge.h5mu (both), query.h5ad (peaks)."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(0)
    rates = rng.gamma(0.4, 2.0, (2, N_GENES))
    genes = pd.DataFrame(index=[f"GENE{k}" for k in range(N_GENES)])

    def cells(n: int, name: str, levels: np.ndarray) -> ad.AnnData:
        counts = sparse.csr_matrix(rng.poisson(levels[np.arange(n) % 2]).astype(np.float32))
        obs = pd.DataFrame({"cell_type": ["B", "T"] * (n // 2)}, index=[f"{name}{k}" for k in range(n)])
        return ad.AnnData(counts, obs, genes)

    reference, bridge, query = cells(80, "r", rates), cells(60, "b", rates), cells(60, "q", rates)
    reference.write_h5ad(folder / "reference.h5ad")
    cells(60, "a", rng.permuted(rates, axis=1)).write_h5ad(folder / "activity.h5ad")

    def peaks(of: ad.AnnData, seed: int, shift: int) -> ad.AnnData:
        names = pd.DataFrame(index=peak_names(N_GENES, shift))
        return ad.AnnData(simulated_peaks(of.X, seed), of.obs[[]], names)

    opened = peaks(bridge, 1, 0)
    write_h5mu(folder / "bridge.h5mu", {"rna": bridge, "atac": opened})
    write_h5mu(folder / "unclear.h5mu", {"spliced": bridge, "unspliced": bridge.copy(), "atac": opened})
    peaks(query, 2, 90).write_h5ad(folder / "query.h5ad")
    return {path.stem: str(path) for path in folder.iterdir()}


@pytest.fixture
def joined(empty: Project, files: dict[str, str]) -> Project:
    """A project with an RNA reference, a query of peaks and a bridge, following the recipe for it."""
    root = str(empty.root)
    admit.admit(root, "reference", {"path": files["reference"], "label_column": "cell_type"})
    admit.admit(root, "query", {"path": files["query"]})
    admit.admit_bridge(root, files["bridge"])
    empty.edit(lambda now: adopted(now, recipe("bridge_annotator")))
    return empty


def bring(test: AppTest, kind: str, path: str) -> AppTest:
    test.selectbox(key="path-kind-0").set_value(kind)
    test.text_input(key="path-of-path-0").set_value(path)
    return next(button for button in test.button if button.form_id == "form-path-0").click().run()


def test_a_query_of_peaks_says_peaks_and_makes_room_for_a_bridge(empty: Project, opened: Open, files: dict[str, str]):
    admit.admit(str(empty.root), "reference", {"path": files["reference"], "label_column": "cell_type"})
    assert "<b>Bridge</b>" not in words(opened(empty, "data"))
    admit.admit(str(empty.root), "query", {"path": files["query"]})
    test = opened(empty, "data")
    assert not test.exception
    said = words(test)
    assert ">peaks</div>" in said and "<b>Bridge</b> none yet" in said
    found = check.stored(empty, empty.draft.data)
    assert found is not None
    told = {one.key: one.what for one in found.report.findings if one.role == "query"}
    assert "Features are peaks of open chromatin" in told["gene_names"]
    assert "holds genes and the query holds peaks" in told["no_shared"]
    test = bring(test, "bridge", files["bridge"])
    assert not test.exception
    source = empty.draft.data.bridge
    assert source is not None and len(source.fingerprint) == 16
    assert "bridge.h5mu, 60 cells" in words(test)


def test_a_file_without_both_parts_is_refused_and_changes_nothing(joined: Project, opened: Open, files: dict[str, str]):
    test = bring(opened(joined, "data"), "bridge", files["reference"])
    assert "one file with two parts" in words(test)
    source = joined.draft.data.bridge
    assert source is not None and source.path == files["bridge"]


def test_the_check_compares_the_bridge_with_both_sets(joined: Project):
    found = check.stored(joined, joined.draft.data)
    assert found is not None and found.bridge is not None and found.bridge["expression"] == "rna"
    by_key = {one.key: one for one in found.report.findings if one.role == "bridge"}
    assert by_key["bridge_genes"].kind == by_key["bridge_peaks"].kind == "fine"
    assert "2,100 of 2,100 peaks of the query overlap" in by_key["bridge_peaks"].what
    assert found.report.find("no_shared") is None


def test_a_bridge_whose_file_has_changed_is_described_anew(joined: Project, files: dict[str, str]):
    source = joined.draft.data.bridge
    assert source is not None and bridge_file.stored(joined, source) is not None
    joined.change("data.bridge.expression", "rna")
    known = bridge_file.described(joined)
    assert known is not None and known["peaks"] == 2100


def test_peaks_of_bridge_and_query_are_searched_together(joined: Project, opened: Open):
    joined.change("features.target", 500)
    summary = feature_search.search(str(joined.root))
    assert summary["kind"] == "peaks" and summary["genes"] >= 500
    test = opened(joined, "features")
    assert not test.exception
    said = words(test)
    assert "How the peaks were found" in said and "Peaks chosen" in said
    assert {"Narrowest peak", "Widest peak"} <= {box.label.split(",")[0] for box in test.number_input}
    next(box for box in test.segmented_control if box.label == "Rank peaks by").set_value("variable").run()
    assert joined.draft.features.peak_score == "variable"


def test_a_rule_that_looks_at_types_is_searched_in_the_run(joined: Project, opened: Open):
    joined.change("features.rule", "markers_in_query")
    test = opened(joined, "features")
    assert not test.exception and "known only in the run" in words(test)


def test_gene_activities_are_recognised_and_the_recipe_for_them_is_one_click(
    empty: Project, opened: Open, files: dict[str, str]
):
    admit.admit(str(empty.root), "reference", {"path": files["reference"], "label_column": "cell_type"})
    admit.admit(str(empty.root), "query", {"path": files["activity"]})
    found = check.stored(empty, empty.draft.data)
    assert found is not None
    advice = found.report.find("recipe")
    assert advice is not None and (advice.setting, advice.value) == ("recipe", "gene_activity_annotator")
    assert "gene activities" in advice.what
    assert not opened(empty, "data").exception


def test_rna_beside_rna_gets_no_advice(empty: Project, files: dict[str, str]):
    admit.admit(str(empty.root), "reference", {"path": files["reference"], "label_column": "cell_type"})
    admit.admit(str(empty.root), "query", {"path": files["bridge"]})
    found = check.stored(empty, empty.draft.data)
    assert found is not None and found.report.find("recipe") is None
    assert found.report.find("modality") is not None


def test_the_part_of_a_multiome_file_can_be_chosen(empty: Project, opened: Open, files: dict[str, str]):
    admit.admit(str(empty.root), "reference", {"path": files["bridge"], "label_column": "cell_type"})
    test = opened(empty, "data")
    next(box for box in test.selectbox if box.label == "Part of the file").set_value("rna").run()
    source = empty.draft.data.reference
    assert not test.exception and source is not None and source.modality == "rna"


def test_the_parts_of_a_bridge_can_be_chosen(joined: Project, opened: Open, files: dict[str, str]):
    admit.admit_bridge(str(joined.root), files["unclear"], expression="spliced")
    test = opened(joined, "data")
    next(box for box in test.segmented_control if box.label == "Set").set_value("bridge").run()
    assert not test.exception
    box = next(box for box in test.selectbox if box.label == "Expression is")
    assert (box.value, box.options) == ("spliced", ["found: spliced", "spliced", "unspliced"])
    box.set_value("unspliced").run()
    source = joined.draft.data.bridge
    assert not test.exception and source is not None and source.expression == "unspliced"
    found = check.stored(joined, joined.draft.data)
    assert found is not None and found.bridge is not None and found.bridge["expression"] == "unspliced"


def test_a_file_whose_parts_are_unclear_asks_which_are_meant(joined: Project, opened: Open, files: dict[str, str]):
    test = bring(opened(joined, "data"), "bridge", files["unclear"])
    assert not test.exception
    box = next(box for box in test.selectbox if box.label == "Expression is")
    assert box.options == ["spliced", "unspliced"]
    box.set_value("unspliced").run()
    test.button(key="ask-bridge").click().run()
    source = joined.draft.data.bridge
    assert source is not None and (source.path, source.expression) == (files["unclear"], "unspliced")
