from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.interpretation.perturbation import perturbation
from core.project import Project
from core.results import Results
from core.specs import UnitSpec
from core.tasks import unit_step
from core.tasks.finished import model_of


def test_the_genes_of_a_unit_are_those_that_change_most_when_it_rises(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    facts = unit_step.compute(str(finished.root), "run-0001", str(sets))
    found = unit_step.stored(finished, run, sets)
    model = model_of(run)
    assert found is not None and facts["by"] == "decoder" and facts["background"] == len(model.genes)
    code = pd.read_csv(run.directory / "code.csv").iloc[:, 1:].to_numpy()
    moved = perturbation(model.networks[0], code)  # this recipe does not scale genes, so nothing is to be undone
    first = found.genes.loc[found.genes["unit"] == "unit_1"]
    assert first["gene"].iloc[0] == model.genes[int(np.abs(moved[0]).argmax())]
    np.testing.assert_allclose(first["difference"].abs().max(), np.abs(moved[0]).max(), rtol=1e-5)


def test_terms_are_counted_against_the_networks_own_genes(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    unit_step.compute(str(finished.root), "run-0001", str(sets))
    found = unit_step.stored(finished, run, sets)
    assert found is not None
    assert (found.terms["overlap"] <= found.terms["size"]).all()
    assert (found.terms["overlap"] <= found.facts["taken"]).all()
    assert set(found.links["unit"]) <= set(found.terms.loc[found.terms["p_adjusted"] <= 0.05, "unit"])


def test_without_gene_sets_there_are_genes_alone(finished: Project):
    unit_step.compute(str(finished.root), "run-0001")
    found = unit_step.stored(finished, finished.run("run-0001"), None)
    assert found is not None and len(found.genes) and not len(found.terms) and not len(found.links)


def test_every_setting_of_the_perturbation_is_part_of_the_key(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    unit_step.compute(str(finished.root), "run-0001", str(sets))
    usual = UnitSpec()
    assert unit_step.stored(finished, run, sets, usual) is not None
    others = {"amount": 1.0, "direction": "down", "baseline": "B", "top_genes": 30, "min_genes": 3}
    others |= {"correction": "bonferroni"}
    for name, value in others.items():
        assert unit_step.stored(finished, run, sets, usual.model_copy(update={name: value})) is None, name
    ranked = usual.model_copy(update={"permutations": 100, "seed": 1})
    assert unit_step.stored(finished, run, sets, ranked) is not None


def test_units_are_lowered_from_the_mean_code_of_one_label(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    results = Results(run)
    label = str(results.obs[results.label_column].iloc[0])
    settings = {"direction": "down", "amount": 1.0, "baseline": label, "top_genes": 7}
    facts = unit_step.compute(str(finished.root), "run-0001", str(sets), settings)
    found = unit_step.stored(finished, run, sets, UnitSpec(**settings))  # type: ignore[arg-type]
    assert found is not None and facts["taken"] == 7 and facts["baseline"] == label
    model, code = model_of(run), results.code.to_numpy(dtype=float)
    rows = (results.obs[results.label_column].astype(str) == label).to_numpy()
    assert facts["cells"] == rows.sum()
    moved = perturbation(model.networks[0], code, -1.0, code[rows].mean(axis=0))
    np.testing.assert_allclose(found.changes.to_numpy().T, moved, rtol=1e-4, atol=1e-6)
    assert found.changes.index.tolist() == list(model.genes)


def test_a_baseline_that_no_cell_has_is_refused_with_the_labels_there_are(finished: Project):
    with pytest.raises(DataError, match="No cell has the label") as refused:
        unit_step.compute(str(finished.root), "run-0001", "", {"baseline": "Unicorn"})
    assert "Use one of" in refused.value.remedy


def test_links_follow_the_correction_asked_for(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    strict = unit_step.units_of(run, sets, UnitSpec(correction="bonferroni"))
    mild = unit_step.units_of(run, sets, UnitSpec())
    assert len(strict.links) <= len(mild.links)
    kept = strict.terms.loc[strict.terms["p_bonferroni"] <= 0.05]
    assert set(strict.links["gene_set"]) <= set(kept["gene_set"])
    assert (mild.terms["p_bonferroni"] >= mild.terms["p_adjusted"] - 1e-12).all()


def test_the_overview_has_a_row_for_every_unit_with_its_first_term(finished: Project):
    sets = Path(str(finished.draft.data.gene_sets))
    made = unit_step.units_of(finished.run("run-0001"), sets, UnitSpec())
    table = unit_step.overview(made)
    assert table["unit"].tolist() == made.changes.columns.tolist()
    first = made.terms.loc[made.terms["unit"] == "unit_3"].iloc[0]
    assert table.set_index("unit").at["unit_3", "term"] == first["gene_set"]
    assert table["genes"].str.split(", ").map(len).max() == 5
