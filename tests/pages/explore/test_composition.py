"""Composition, as a person uses it: other views, merged types, and another run when the data changed."""

from __future__ import annotations

import shutil
import time

import pandas as pd
import pytest

from core.project import Project
from core.recipes import recipe
from core.recipes.adopt import adopted
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow


def test_without_a_run_the_page_says_where_proportions_come_from(workspace, opened: Open):
    Project.create("Demo", recipe("deepscore").spec, workspace / "projects" / "demo")
    page = opened("composition")
    assert not page.exception and "No composition yet" in words(page)


@pytest.mark.parametrize("way", ["Heatmap", "Table"])
def test_samples_can_be_seen_in_other_ways(finished: Project, opened: Open, way: str):
    page = opened("composition")
    assert not page.exception and "Sample sample_1" in words(page)
    page.segmented_control(key="composition-shown").set_value(way).run()
    assert not page.exception


def test_the_numbers_of_the_note_are_those_of_the_run(finished: Project, opened: Open):
    scores = pd.read_csv(finished.run("run-0002").directory / "measured_scores.csv").set_index("method")
    said = words(opened("composition"))
    assert f"already scores {scores.loc['mean_of_measured', 'CCC']:.2f}" in said
    assert f"here it is {scores.loc['network', 'type_r']:.2f}" in said
    assert f"CCC {scores.loc['network', 'CCC']:.2f}" in said


def test_without_measurements_the_simulated_mixtures_are_named_as_such(finished: Project, opened: Open):
    for name in ("measured", "measured_scores"):
        (finished.run("run-0002").directory / f"{name}.csv").unlink()
    page = opened("composition")
    assert not page.exception
    assert "Simulated mixtures kept for the test" in words(page) and "real samples are harder" in words(page)


def test_types_that_nobody_measured_are_said_not_to_be_judged(finished: Project, opened: Open):
    path = finished.run("run-0002").directory / "measured.csv"
    table = pd.read_csv(path)
    types = list(dict.fromkeys(table["cell_type"]))
    table[table["cell_type"].isin(types[:2])].to_csv(path, index=False)
    said = words(opened("composition"))
    assert f"Only {types[0]} and {types[1]} are judged" in said
    assert f"2 of {len(finished.run('run-0002').summary['classes'])} types" in said


def test_merged_types_are_kept_in_the_project_and_can_be_undone(finished: Project, opened: Open):
    page = opened("composition")
    first, second, *_ = page.multiselect(key="merge-types").options
    page.multiselect(key="merge-types").set_value([first, second]).run()
    page.text_input(key="merge-name").set_value("Both").run()
    page.button(key="merge-do").click().run()
    assert not page.exception
    (group,) = finished.note("composition.merged")
    assert (group["name"], group["types"]) == ("Both", [first, second])
    assert "Both" in words(page)
    page.button(key="merge-undo").click().run()
    assert not page.exception and finished.note("composition.merged") == []


def test_estimating_again_starts_a_run_with_the_project_s_present_settings(finished: Project, opened: Open):
    finished.change("data.quality.min_genes", 1)
    page = opened("composition")
    assert "stale" in words(page)
    page.button(key="estimate-again").click().run()
    assert not page.exception
    again = finished.run("run-0003")
    before = finished.run("run-0002").spec
    assert again.spec.data.quality.min_genes == 1 and again.spec.analysis == before.analysis
    until = time.monotonic() + 60
    while again.status.active and time.monotonic() < until:
        time.sleep(0.2)
    assert again.status.state == "finished"


def test_mixtures_can_be_looked_at_and_designed_before_any_run(finished: Project, opened: Open):
    finished.change("recipe", "digital_sorter")
    finished.edit(lambda draft: adopted(draft, recipe("digital_sorter")))
    for name in ("run-0001", "run-0002"):
        shutil.rmtree(finished.run(name).directory)
    page = opened("composition")
    page.segmented_control(key="composition-view").set_value("Mixtures").run()
    assert not page.exception
    said = words(page)
    assert "10,000 mixtures of 100 cells" in said and "The rarest type is" in said
    for plot in ("Boxes", "Lines", "Types"):
        page.segmented_control(key="mixtures-plot").set_value(plot).run()
        assert not page.exception
    sets = page.selectbox(key="mixtures-set-digital_sorter")
    assert sets.options[2] == "broken stick, 20 % of the mixtures"
    sets.set_value("pure").run()
    page.selectbox(key="analysis.deconvolve.digital_sorter.design").set_value("dirichlet").run()
    assert not page.exception and finished.draft.analysis.design == "dirichlet"
    assert "Expected ranges belong" in words(page)
