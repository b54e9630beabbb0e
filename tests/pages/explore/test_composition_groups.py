"""The Groups view, as a person uses it: without a sheet, in groups, in pairs, along a number, and with mistakes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.project import Project
from core.tasks.export_items import items
from core.tasks.group_words import CAUTION
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
KEY = "groups-run-0002"
SAMPLES = [f"sample_{number}" for number in range(1, 7)]


def sheet(folder: Path, names: list[str] = SAMPLES, **more: list) -> Path:
    path = folder / "sheet.csv"
    columns = {
        "status": list("ababab"),
        "age": [30, 41, 52, 63, 74, 85],
        "person": list("xxyyzz"),
        "site": list("ijkijk"),
    }
    pd.DataFrame({"sample": names, **{name: values[: len(names)] for name, values in columns.items()}, **more}).to_csv(
        path, index=False
    )
    return path


@pytest.fixture
def groups(finished: Project, opened: Open, tmp_path: Path):
    finished.change("data.samples", str(sheet(tmp_path)))
    return opened("composition").segmented_control(key="composition-view").set_value("Groups").run()


def test_without_a_sheet_the_view_says_what_one_is(finished: Project, opened: Open):
    page = opened("composition").segmented_control(key="composition-view").set_value("Groups").run()
    assert not page.exception and "Nothing is known of the samples yet" in words(page)


def test_two_groups_are_compared_and_the_run_is_not_stale(finished: Project, groups):
    said = words(groups)
    assert not groups.exception and "stale" not in said
    assert "No cell type differs by status" in said and "With 3 and 3 samples" in said
    assert CAUTION.split("** ")[1][:60] in said
    names = [item.name for item in items(finished, finished.run("run-0002"))]
    assert "groups_status_tests.csv" in names and "groups_status_summary.csv" in names


def test_pairs_a_number_and_log_ratios_can_be_asked_and_are_kept(finished: Project, groups):
    groups.selectbox(key=f"{KEY}-status-paired").set_value("person").run()
    assert not groups.exception and "With 3 pairs" in words(groups)
    groups.selectbox(key=f"{KEY}-column").set_value("age").run()
    assert not groups.exception and "No cell type goes with age" in words(groups)
    groups.segmented_control(key=f"{KEY}-scale").set_value("log_ratios").run()
    assert not groups.exception and "Shares below 0.1 % count as 0.1 %" in words(groups)
    kept = finished.note("composition.groups")
    assert (kept["column"], kept["scale"]) == ("age", "log_ratios")
    groups.selectbox(key=f"{KEY}-age-read").set_value("groups").run()
    assert not groups.exception and "Nothing was tested" in words(groups)


def test_one_type_can_be_seen_large_and_small_groups_are_said(groups):
    groups.selectbox(key=f"{KEY}-column").set_value("site").run()
    groups.segmented_control(key="groups-shown").set_value("One type").run()
    assert not groups.exception
    assert "i (2), j (2) and k (2)" in words(groups)
    groups.multiselect(key=f"{KEY}-site-groups").set_value(["i"]).run()
    assert not groups.exception and "A comparison needs two groups" in words(groups)


def test_merged_types_are_compared_as_merged(finished: Project, groups):
    types = finished.run("run-0002").summary["classes"]
    finished.note("composition.merged", [{"name": "Both", "types": types[:2], "how": "Add them up"}])
    groups.run()
    assert not groups.exception
    tests = pd.read_csv(finished.run("run-0002").directory / "groups" / "status" / "tests.csv")
    assert "Both" in set(tests["cell_type"]) and not set(types[:2]) & set(tests["cell_type"])


def test_samples_without_a_row_are_said_and_a_sheet_of_others_is_refused(finished: Project, groups, tmp_path: Path):
    sheet(tmp_path, SAMPLES[:5])
    groups.run()
    assert not groups.exception and "1 of 6 samples has no row in the sample sheet: sample_6" in words(groups)
    sheet(tmp_path, ["a", "b"])
    groups.run()
    assert not groups.exception and "names none of the bulk samples" in words(groups)


def test_a_column_of_names_has_too_many_groups(finished: Project, groups, tmp_path: Path):
    names = [f"n{number}" for number in range(len(SAMPLES))]
    sheet(tmp_path, name=names, same=["x"] * 6)
    groups.run()
    groups.selectbox(key=f"{KEY}-column").set_value("same").run()
    assert not groups.exception and "All samples have one value of same" in words(groups)
