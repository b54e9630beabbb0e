"""Groups of a run's samples: intervals become draws, tables are kept, exported, and forgotten with the run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.composition.groups import Comparison
from core.composition.simplify import simplify_set
from core.results import Results
from core.runs.run import Run
from core.specs.groups import GroupSpec
from core.tasks.export_groups import group_files
from core.tasks.group_words import arrangement_words, finding_words
from core.tasks.groups import compare_samples, keep

N = 12
SPEC = GroupSpec(column="status", draws=40)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Twelve samples; B is higher in the second half."""
    rng = np.random.default_rng(0)
    b = np.where(np.arange(N) < 6, 0.1, 0.3) + rng.uniform(0, 0.02, N)
    nk = rng.uniform(0.1, 0.3, N)
    shares = pd.DataFrame(
        {"B": b, "NK": nk, "T": 1 - b - nk}, index=pd.Index([f"s{i}" for i in range(N)], name="sample")
    )
    shares.to_csv(tmp_path / "composition.csv")
    long = shares.reset_index().melt("sample", var_name="cell_type", value_name="proportion")
    long = long.assign(low=long["proportion"] - 0.01, high=long["proportion"] + 0.01, level=0.9)
    long.to_csv(tmp_path / "intervals.csv", index=False)
    return Run(tmp_path)


@pytest.fixture
def columns() -> pd.DataFrame:
    status = ["well"] * 6 + ["sick"] * 6
    made = {
        "status": status,
        "age": np.arange(N) ** 2.0,
        "site": ["x", "y", "z"] * 4,
        "who": [f"p{i % 6}" for i in range(N)],
    }
    return pd.DataFrame(made, index=[f"s{i}" for i in range(N)])


def found(run: Run, columns: pd.DataFrame, spec: GroupSpec = SPEC) -> Comparison:
    return compare_samples(Results(run), columns, spec)


def test_what_differs_holds_in_the_draws_and_repeats(run: Run, columns: pd.DataFrame):
    tests = found(run, columns).tests.set_index("cell_type")
    assert tests.loc["B", "holds"] == 1 and tests.loc["NK", "holds"] < 0.5
    pd.testing.assert_frame_equal(tests, found(run, columns).tests.set_index("cell_type"))
    assert found(run, columns, SPEC.model_copy(update={"draws": 0})).tests["holds"].isna().all()


def test_types_put_together_are_tested_and_drawn_together(run: Run, columns: pd.DataFrame):
    both = compare_samples(Results(run), columns, SPEC, lambda table: simplify_set(table, {"B and NK": ["B", "NK"]}))
    assert both.tests["cell_type"].tolist() == ["T", "B and NK"]
    assert both.tests["p"].nunique() == 1 and both.tests["holds"].nunique() == 1


def test_tables_are_kept_by_column_and_listed_for_export(run: Run, columns: pd.DataFrame):
    columns["the site"] = columns["site"]
    for column in ("status", "the site"):
        spec = GroupSpec(column=column, draws=0)
        keep(run, spec, found(run, columns, spec))
    files = group_files(run)
    assert list(files) == [
        *(f"groups_status_{name}.csv" for name in ("tests", "summary")),
        *(f"groups_the_site_{name}.csv" for name in ("tests", "summary", "pairs")),
    ]
    what, path = files["groups_the_site_pairs.csv"]
    assert what == "Each pair of groups of the site, type by type" and len(pd.read_csv(path)) == 9
    assert json.loads((path.parent / "settings.json").read_text())["column"] == "the site"
    keep(
        run,
        GroupSpec(column="the site", groups=("x", "y")),
        found(run, columns, GroupSpec(column="the site", groups=("x", "y"))),
    )
    assert "groups_the_site_pairs.csv" not in group_files(run)
    run.forget()
    assert group_files(run) == {}


def test_a_finding_is_said_with_its_size_and_how_far_it_holds(run: Run, columns: pd.DataFrame):
    said = finding_words(found(run, columns), SPEC)
    assert said.startswith("**B** is lower in well than in sick (by 20.2 points, adjusted p 0.0032")
    paired = SPEC.model_copy(update={"paired_by": "who", "groups": ("well", "sick")})
    assert "**B** is higher in sick than in well (by 20" in finding_words(found(run, columns, paired), paired)
    assert "in 100 % of the draws" in said
    age = SPEC.model_copy(update={"column": "age"})
    assert "**B** rises with age (rho 0." in finding_words(found(run, columns, age), age)


def test_nothing_found_and_nothing_tested_are_said(run: Run, columns: pd.DataFrame):
    site = SPEC.model_copy(update={"column": "site"})
    assert "**No cell type differs by site** beyond chance: of 3 types none" in finding_words(
        found(run, columns, site), site
    )
    few = columns.assign(status=["well"] * 3 + ["sick"] * 3 + ["rare"] * 2 + [None] * 4)
    said = finding_words(found(run, few, SPEC), SPEC)
    assert "With 3 and 3 samples no p of this test can be below 0.1" in said
    beside = arrangement_words(found(run, few), SPEC)
    assert "rare (2) is shown but not tested" in beside and "4 samples without a value of status left out" in beside
    two = columns.assign(status=["well"] * 2 + ["sick"] * 2 + [None] * 8)
    assert "**Nothing was tested.** A test needs two groups of 3 samples" in finding_words(found(run, two), SPEC)
