from __future__ import annotations

from pathlib import Path

from core.project import Project
from core.specs import UnitSpec
from core.tasks import unit_ranks, unit_step

QUICK = UnitSpec(permutations=100)


def test_one_unit_is_tested_in_the_order_of_its_changes_and_kept(finished: Project):
    root, sets, run = str(finished.root), Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    assert unit_ranks.stored(finished, run, sets, QUICK, 2) is None
    tested = unit_ranks.compute(root, "run-0001", str(sets), QUICK.model_dump(), 2)
    table = unit_ranks.stored(finished, run, sets, QUICK, 2)
    assert table is not None and len(table) == tested > 0
    made = unit_step.units_of(run, sets, QUICK)
    assert table.equals(unit_ranks.ranked(made, sets, QUICK, 2))
    assert unit_ranks.stored(finished, run, sets, QUICK, 3) is None
    assert unit_ranks.stored(finished, run, sets, QUICK.model_copy(update={"seed": 1}), 2) is None


def test_a_unit_lowered_has_scores_of_the_other_sign(finished: Project):
    sets, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    up = unit_ranks.ranked(unit_step.units_of(run, sets, QUICK), sets, QUICK, 0).set_index("gene_set")["score"]
    lowered = QUICK.model_copy(update={"direction": "down", "amount": 0.01})
    near = QUICK.model_copy(update={"amount": 0.01})
    down = unit_ranks.ranked(unit_step.units_of(run, sets, lowered), sets, lowered, 0).set_index("gene_set")["score"]
    small = unit_ranks.ranked(unit_step.units_of(run, sets, near), sets, near, 0).set_index("gene_set")["score"]
    assert len(up) == len(down) and down.corr(small[down.index]) < -0.9
