"""Genes weighed by what sets units apart, and correlations in the place of gradients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import SpecError
from core.interpretation.gene_sets import read_gmt
from core.interpretation.saliency import Saliency
from core.project import Project
from core.specs import ImpactSpec
from core.tasks.finished import finished as finished_run
from core.tasks.impact_each import impact_of_each
from core.tasks.impact_names import REST
from core.tasks.impact_saliency import gene_factors, measured
from core.tasks.impact_words import CORRELATED, in_words, measured_words
from tests.core.tasks.kept_impact import kept


def test_relative_weights_bring_every_gene_to_the_same_mean_over_the_units():
    found = Saliency(np.array([[1.0, 4.0, 0.0], [3.0, 4.0, 0.0]]), np.zeros((2, 3)), 5)
    np.testing.assert_array_equal(gene_factors(found, ImpactSpec()), [1, 1, 1])
    np.testing.assert_array_equal(gene_factors(found, ImpactSpec(gene_weights="relative")), [0.5, 0.25, 0])


def test_relative_weights_make_units_less_alike(finished: Project, own_sets: Path):
    plain, relative = kept(finished, own_sets), kept(finished, own_sets, gene_weights="relative")
    assert relative.facts["likeness"] < plain.facts["likeness"]
    assert relative.facts["winners_by_z"] >= relative.facts["winners_beyond"]


@pytest.mark.parametrize("saliency", ["guided", "correlation"])
def test_a_label_beside_the_rest_is_the_same_alone_and_among_all_labels(
    finished: Project, own_sets: Path, saliency: Any
):
    own = finished_run(finished.run("run-0001"))
    asked = ImpactSpec(saliency=saliency, gene_weights="relative")
    each = impact_of_each(own, read_gmt(own_sets), asked, np.random.default_rng(0))
    label = next(iter(each.apart))
    alone = kept(finished, own_sets, label, REST, saliency=saliency, gene_weights="relative")
    table = each.apart[label].tables["impact"].set_index("gene_set")
    np.testing.assert_allclose(alone.impact, table, atol=1e-5)


def test_correlation_is_that_of_log_expression_with_the_code(finished: Project, own_sets: Path):
    own = finished_run(finished.run("run-0001"))
    found = measured(own.model, own.aligned, ImpactSpec(saliency="correlation"))
    counts = np.asarray(own.aligned.values.todense(), dtype=float)
    logs = np.log1p(1e4 * counts / np.asarray(own.aligned.library)[:, None])
    expected = np.corrcoef(own.code()[:, 0], logs[:, 0])[0, 1]
    assert found.signed[0, 0] == pytest.approx(expected, abs=1e-4)
    shown = kept(finished, own_sets, saliency="correlation", measure="signed")
    assert shown.around_zero and "Correlation of genes with the value of each unit, with its sign" in measured_words(
        shown
    )
    if len(shown.findings):
        assert CORRELATED in in_words(shown, list(shown.impact.columns))


def test_correlation_with_a_head_that_the_network_lacks_is_refused(finished: Project):
    own = finished_run(finished.run("run-0001"))
    with pytest.raises(SpecError, match="no such head"):
        measured(own.model, own.aligned, ImpactSpec(saliency="correlation", target="proportions"))


def test_units_stand_beside_those_of_a_network_that_learned_nothing(finished: Project, own_sets: Path):
    found = kept(finished, own_sets)
    blank = found.facts["untrained"]
    assert blank["units"] == found.facts["units"] and 0 <= blank["likeness"] <= 1
    clean = {**blank, "likeness": 0.9, "winners_by_z": 0}
    units = list(found.impact.columns)
    learned = replace(found, facts={**found.facts, "likeness": 0.1, "winners_by_z": 9, "untrained": clean})
    assert "Learning set the units apart: likeness 0.10 and 9 winning sets by z, against 0.90 and 0" in in_words(
        learned, units
    )
    alike = replace(found, facts={**found.facts, "untrained": {**blank, "likeness": 0.0}})
    assert "no sign of learning" in in_words(alike, units)
    label = str(found.control.columns[0]) if found.control is not None else ""
    assert "untrained" not in kept(finished, own_sets, label, REST).facts
