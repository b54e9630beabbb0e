from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from core.project import Project
from core.tasks import impact_step
from core.tasks.set_files import keep_textbook


def test_the_runs_own_impact_is_read_back_without_computing(finished: Project, own_sets: Path):
    run = finished.run("run-0001")
    found = impact_step.stored(finished, run, own_sets)
    assert found is not None and found.impact.shape == found.z.shape
    assert found.impact.to_numpy().min() == 0 and found.impact.to_numpy().max() == 1


def test_computing_anew_gives_the_numbers_of_the_run(finished: Project, own_sets: Path):
    run = finished.run("run-0001")
    before = impact_step.of_run(run)
    impact_step.compute(str(finished.root), "run-0001", str(own_sets))
    assert finished.stored("impact", impact_step.key(finished, run, own_sets))
    after = impact_step.stored(finished, run, own_sets)
    assert after is not None
    np.testing.assert_allclose(after.impact, before.impact, atol=1e-6)
    np.testing.assert_allclose(after.p, before.p, atol=1e-6)


def test_sets_of_the_mouse_are_refused_in_human_cells(finished: Project):
    with pytest.raises(DataError, match="hold mouse symbols, the data human symbols"):
        impact_step.compute(str(finished.root), "run-0001", str(keep_textbook(finished, "mouse")))


def test_another_file_is_missing_until_it_is_computed(finished: Project, own_sets: Path, tmp_path: Path):
    other = tmp_path / "two.gmt"
    other.write_text("".join(f"{line}\n" for line in own_sets.read_text().splitlines()[:2]))
    run = finished.run("run-0001")
    assert impact_step.stored(finished, run, other) is None
    impact_step.compute(str(finished.root), "run-0001", str(other))
    found = impact_step.stored(finished, run, other)
    assert found is not None and len(found.impact) == 2


def test_one_type_and_a_difference_of_types(finished: Project, own_sets: Path):
    root, run = str(finished.root), finished.run("run-0001")
    facts = impact_step.compute(root, "run-0001", str(own_sets), "CD56+ NK")
    assert facts["cells"] < 400
    impact_step.compute(root, "run-0001", str(own_sets), "CD56+ NK", "CD19+ B")
    found = impact_step.stored(finished, run, own_sets, "CD56+ NK", "CD19+ B")
    assert found is not None and found.control is not None
    assert np.abs(found.impact.to_numpy()).max() == 1 and found.impact.to_numpy().min() < 0
    assert list(found.control.columns) == ["CD56+ NK"]


def test_swapping_the_types_turns_the_sign(finished: Project, own_sets: Path):
    root, run = str(finished.root), finished.run("run-0001")
    pair = ("CD56+ NK", "CD19+ B")
    tables = []
    for first, second in (pair, pair[::-1]):
        impact_step.compute(root, "run-0001", str(own_sets), first, second)
        found = impact_step.stored(finished, run, own_sets, first, second)
        assert found is not None
        tables.append(found)
    np.testing.assert_allclose(tables[0].impact, -tables[1].impact, atol=1e-6)
    np.testing.assert_allclose(tables[0].p, tables[1].p, atol=1e-6)


def test_a_type_without_cells_is_refused(finished: Project, own_sets: Path):
    with pytest.raises(DataError, match="has this label"):
        impact_step.compute(str(finished.root), "run-0001", str(own_sets), "no such type")


def test_a_changed_reference_is_refused(finished: Project, own_sets: Path):
    summary = finished.run("run-0001").summary_path
    summary.write_text(summary.read_text().replace('"reference": "', '"reference": "0'))
    with pytest.raises(DataError, match="has changed"):
        impact_step.compute(str(finished.root), "run-0001", str(own_sets))


def test_sets_beyond_chance_come_first(finished: Project):
    found = impact_step.of_run(finished.run("run-0001"))
    order = found.ordered()
    z = found.z.abs().max(axis=1)
    silent = [name for name in order if not bool(found.beyond.loc[name].to_numpy().any())]
    assert sorted(order) == sorted(found.impact.index)
    assert silent == order[len(order) - len(silent) :]
    assert [z[name] for name in silent] == sorted((z[name] for name in silent), reverse=True)
