"""Embedding, as a person uses it: take a group of cells, find its markers, keep it as a column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.project import Project
from core.recipes import recipe
from core.results import Results
from core.saved import Saved
from pages.ui.explore import selection
from pages.ui.scatter import ScatterEvent
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
COLOUR = "colour-run-0001"
GROUP = "take-group-run-0001-Predicted type"


def test_without_a_run_the_page_says_where_pictures_come_from(workspace, opened: Open):
    Project.create("Demo", recipe("deepscore").spec, workspace / "projects" / "demo")
    page = opened("embedding")
    assert not page.exception and "No picture yet" in words(page)


def test_a_selection_gets_markers_a_name_and_becomes_a_column(finished: Project, opened: Open):
    page = opened("embedding")
    assert not page.exception
    group = page.selectbox(key=GROUP).options[0]
    page.selectbox(key=GROUP).set_value(group).run()
    assert not page.exception
    run = finished.run("run-0001")
    cells = pd.read_csv(run.directory / "annotation.csv").query("cell_type == @group")["cell"]
    assert f"{len(cells):,} cells" in words(page)
    page.button(key="find-markers").click().run()
    assert not page.exception
    (path,) = (finished.root / "results" / "markers").glob("*/markers.csv")
    assert pd.read_csv(path)["p_adjusted"].is_monotonic_increasing
    page.text_input(key="selection-name").set_value("cell_type/x").run()
    page.button(key="save-selection").click().run()
    assert "cannot be called so" in words(page)
    page.text_input(key="selection-name").set_value("my cells").run()
    page.button(key="save-selection").click().run()
    assert not page.exception
    kept = Saved.of(finished, run).selection("my cells", pd.Index(cells))
    assert kept.all()
    assert "Selection: my cells" in page.selectbox(key=COLOUR).options


def test_cells_can_be_coloured_by_a_gene_and_by_a_code_unit(finished: Project, opened: Open):
    page = opened("embedding")
    page.selectbox(key=COLOUR).set_value("\x00gene").run()
    page.text_input(key="colour-gene").set_value("nkg7").run()
    assert not page.exception and "Did you mean NKG7?" in words(page)
    page.text_input(key="colour-gene").set_value("NKG7").run()
    assert not page.exception and "not in the data" not in words(page)
    page.selectbox(key=COLOUR).set_value("\x00unit").run()
    assert not page.exception


def test_an_outline_selects_adds_takes_away_and_clears(finished: Project, monkeypatch: pytest.MonkeyPatch):
    kept: dict = {}
    monkeypatch.setattr("streamlit.session_state", kept)
    results = Results(finished.run("run-0001"))
    picture = next(iter(results.pictures.values()))
    x, y = picture.points["x"].to_numpy(), picture.points["y"].to_numpy()
    far, middle = 1e6, float(np.median(x))
    left = ScatterEvent(((-far, -far), (middle, -far), (middle, far), (-far, far)))
    lower = ScatterEvent(((-far, -far), (far, -far), (far, float(np.median(y))), (-far, float(np.median(y)))))
    assert selection.drawn(results, picture, left, "New")
    np.testing.assert_array_equal(selection.chosen(results), x < middle)
    assert selection.drawn(results, picture, lower, "Intersect")
    np.testing.assert_array_equal(selection.chosen(results), (x < middle) & (y < np.median(y)))
    assert selection.drawn(results, picture, left, "Add")
    np.testing.assert_array_equal(selection.chosen(results), x < middle)
    assert selection.drawn(results, picture, left, "Subtract")
    assert selection.chosen(results) is None
    assert not selection.drawn(results, picture, ScatterEvent(), "New")
    selection.drawn(results, picture, left, "New")
    assert selection.drawn(results, picture, ScatterEvent(()), "New") and selection.chosen(results) is None
