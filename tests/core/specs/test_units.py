from __future__ import annotations

import pytest

from core.errors import SpecError
from core.recipes import recipe
from core.specs import CheckSpec, RunSpec, UnitSpec, parse, replaced


def test_the_published_perturbation_is_the_default():
    spec = UnitSpec()
    assert (spec.amount, spec.direction, spec.baseline, spec.top_genes) == (2.0, "up", None, 100)
    assert CheckSpec().runs == 20 and CheckSpec().weights == (1e-3, 1e-2, 1e-1) and CheckSpec().epochs == 12


@pytest.mark.parametrize("weights", [[0.1, 0.01], [0.0, 0.1], [0.1, 0.1]])
def test_weights_of_a_sweep_rise_from_above_zero(weights: list[float]):
    with pytest.raises(SpecError, match="do not rise"):
        parse(CheckSpec, {"weights": weights})


def test_settings_of_units_are_reached_by_path_in_both_tasks_that_have_a_code():
    for name in ("pathway_autoencoder", "annotator"):
        spec = replaced(recipe(name).spec, "analysis.units.baseline", "NK")
        spec = replaced(spec, "analysis.checks.groups", 4)
        assert spec.analysis.units.baseline == "NK" and spec.analysis.checks.groups == 4  # type: ignore[union-attr]


def test_a_run_written_without_them_still_loads():
    written = recipe("pathway_autoencoder").spec.model_dump(mode="json")
    for name in ("units", "checks"):
        del written["analysis"][name]
    assert parse(RunSpec, written) == recipe("pathway_autoencoder").spec
