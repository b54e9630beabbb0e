from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.interpretation.perturbation import perturbation
from core.project import Project
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
