"""Annotation, as a person uses it: move the cut-off, look at the refused cells, keep the labels."""

from __future__ import annotations

import pandas as pd
import pytest

from core.project import Project
from core.recipes import recipe
from core.saved import Saved
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
SLIDER = "refuse-rate-run-0001"


def test_without_a_run_the_page_says_where_labels_come_from(workspace, opened: Open):
    Project.create("Demo", recipe("deepscore").spec, workspace / "projects" / "demo")
    page = opened("annotation")
    assert not page.exception and "No labels yet" in words(page)


def test_a_larger_share_of_refused_cells_labels_fewer_and_the_labels_can_be_kept(finished: Project, opened: Open):
    page = opened("annotation")
    assert not page.exception
    run = finished.run("run-0001")
    table = pd.read_csv(run.directory / "annotation.csv")
    curve = pd.read_csv(run.directory / "coverage.csv")
    page.slider(key=SLIDER).set_value(30).run()
    assert not page.exception
    labelled = int((table["open_set_score"] <= curve["threshold"][30]).sum())
    assert f"{labelled:,} cells, {100 * labelled / len(table):.1f} %" in words(page)
    assert "of all cells" in words(page)  # the demonstration's query knows its own labels
    page.button(key="save-labels").click().run()
    assert not page.exception
    saved = Saved.of(finished, run)
    assert saved.rate == 0.3
    assert int(pd.read_csv(saved.labels_path)["assigned"].sum()) == labelled
    # the run's own file stays as the run wrote it, and the page comes back at the rate that was kept
    pd.testing.assert_frame_equal(table, pd.read_csv(run.directory / "annotation.csv"))
    assert opened("annotation").slider(key=SLIDER).value == 30


@pytest.mark.parametrize("way", ["Confusion", "Reliability"])
def test_what_is_known_about_types_can_be_seen_in_other_ways(finished: Project, opened: Open, way: str):
    page = opened("annotation")
    page.segmented_control(key="types-shown").set_value(way).run()
    assert not page.exception
    page.segmented_control(key="query-colour").set_value("Column").run()
    assert not page.exception
    for view in ("Cells", "If a type were missing"):
        page.segmented_control(key="refused-shown").set_value(view).run()
        assert not page.exception


def test_a_changed_setting_is_named_and_can_be_put_aside(finished: Project, opened: Open):
    finished.change("data.quality.min_genes", 7)
    page = opened("annotation")
    assert "stale" in words(page) and "min genes changed from 0 to 7" in words(page)
    page.button(key="note-stale-run-0001-keep-it-as-it-is").click().run()
    assert not page.exception and "stale" not in words(page)
    assert "stale" not in words(opened("annotation"))
