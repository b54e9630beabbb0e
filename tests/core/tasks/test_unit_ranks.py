from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.interpretation.gene_sets import read_gmt
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
    assert table.equals(unit_ranks.ranked(made, read_gmt(sets), QUICK, 2))
    assert unit_ranks.stored(finished, run, sets, QUICK, 3) is None
    assert unit_ranks.stored(finished, run, sets, QUICK.model_copy(update={"seed": 1}), 2) is None


def test_a_unit_lowered_has_scores_of_the_other_sign(finished: Project):
    path, run = Path(str(finished.draft.data.gene_sets)), finished.run("run-0001")
    sets = read_gmt(path)

    def scores(spec: UnitSpec) -> pd.Series:
        made = unit_step.units_of(run, path, spec)
        return unit_ranks.ranked(made, sets, spec, 0).set_index("gene_set")["score"]

    up = scores(QUICK)
    down = scores(QUICK.model_copy(update={"direction": "down", "amount": 0.01}))
    small = scores(QUICK.model_copy(update={"amount": 0.01}))
    assert len(up) == len(down) and down.corr(small[down.index]) < -0.9
