from __future__ import annotations

from pathlib import Path

import anndata
import pandas as pd
import pytest

from core.errors import DataError
from core.project import Project
from core.recipes import recipe
from core.specs import replaced
from core.tasks import set_names, sets_step
from core.tasks.set_files import keep_markers, keep_textbook


def test_sets_are_looked_up_in_the_cells_of_a_run_and_kept(finished: Project, own_sets: Path):
    assert sets_step.stored(finished, "run-0001", own_sets) is None
    sets_step.describe(str(finished.root), "run-0001", str(own_sets))
    found = sets_step.stored(finished, "run-0001", own_sets)
    assert found is not None and not found.refused and not found.circular
    assert "human symbols" in found.words and found.usable <= found.sets
    assert found.jaccard.shape[0] == found.jaccard.shape[1] > 1
    assert found.nearly == int((found.pairs["containment"] >= 0.8).sum())


def test_sets_made_of_the_labels_are_called_so_and_those_of_the_mouse_refused(finished: Project):
    made = Path(keep_markers(str(finished.root), {}, "run-0001")["path"])
    mouse = keep_textbook(finished, "mouse")
    for path in (made, mouse):
        sets_step.describe(str(finished.root), "run-0001", str(path))
    ours, theirs = (sets_step.stored(finished, "run-0001", path) for path in (made, mouse))
    assert ours is not None and ours.circular
    assert theirs is not None and theirs.refused and "Orthologs are missing" in theirs.words and not len(theirs.pairs)


def test_without_cells_there_is_nothing_to_look_up(tmp_path: Path, finished: Project, own_sets: Path):
    empty = Project.create("Empty", recipe("mixer").for_task("deconvolve"), tmp_path / "empty")
    with pytest.raises(DataError, match="no cells"):
        sets_step.describe(str(empty.root), "", str(own_sets))


def test_a_column_of_the_run_translates_symbols_into_its_identifiers(finished: Project, own_sets: Path):
    run = finished.run("run-0001")
    adata = anndata.read_h5ad(run.results_path)
    symbols = list(adata.var_names)
    adata.var["symbol"] = symbols
    adata.var_names = pd.Index([f"ENSG{number:011d}" for number in range(len(symbols))])
    adata.write_h5ad(run.results_path)
    sets = set_names.sets_of_run(run, own_sets)
    assert all(gene.startswith("ENSG") or gene not in symbols for gene in sets.genes)
    adata.var = adata.var.drop(columns="symbol")
    adata.write_h5ad(run.results_path)
    with pytest.raises(DataError, match="Ensembl identifiers"):
        set_names.sets_of_run(run, own_sets)
    table = own_sets.parent / "names.csv"
    pd.DataFrame({"id": adata.var_names, "name": symbols}).to_csv(table, index=False)
    named = replaced(run.spec, "data.reference.gene_table", str(table))
    run.spec_path.write_text(named.model_dump_json(), encoding="utf-8")
    assert set_names.sets_of_run(finished.run("run-0001"), own_sets).genes_of == sets.genes_of
