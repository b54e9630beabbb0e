"""The Errors view, as a person uses it: what is judged, how it is grouped, and each chart."""

from __future__ import annotations

import pandas as pd
import pytest

from core.composition.agreement import agreement
from core.composition.floor import constant_floor
from core.project import Project
from pages.ui.composition import error_charts
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow


@pytest.fixture
def errors(finished: Project, opened: Open):
    page = opened("composition")
    return page.segmented_control(key="composition-view").set_value("Errors").run()


def table_of(project: Project, name: str) -> pd.DataFrame:
    return pd.read_csv(project.run("run-0002").directory / f"{name}.csv")


def test_real_samples_come_first_and_their_floor_is_told(finished: Project, errors):
    assert not errors.exception
    measured = table_of(finished, "measured")
    said = words(errors)
    assert f"CCC over all types is {agreement(measured)['CCC'].iloc[0]:.2f}".replace("-", "−") in said
    assert f"already score {constant_floor(measured):.2f}" in said and "easier than real samples" not in said


def test_simulated_mixtures_are_said_to_be_easier(finished: Project, errors):
    errors.segmented_control(key="errors-source-run-0002").set_value("even_mixtures").run()
    said = words(errors)
    assert not errors.exception and "Simulated mixtures are easier than real samples" in said
    assert f"CCC over all types is {agreement(table_of(finished, 'even_mixtures'))['CCC'].iloc[0]:.2f}" in said


@pytest.mark.parametrize("by", ["cell_type", "nCellTypes", "pBin"])
def test_every_chart_is_drawn_of_every_grouping(errors, by: str):
    errors.segmented_control(key="errors-source-run-0002").set_value("test_mixtures").run()
    errors.segmented_control(key="errors-by").set_value(by).run()
    for chart in (error_charts.SPREAD, error_charts.EXPECTED, error_charts.BLAND_ALTMAN, error_charts.MEAN):
        errors.segmented_control(key="errors-shown").set_value(chart).run()
        assert not errors.exception, chart
    for key, value in (("errors-error", "ppSqrErr"), ("errors-bars", "sd")):
        errors.segmented_control(key=key).set_value(value).run()
        assert not errors.exception
    errors.segmented_control(key="errors-shown").set_value(error_charts.EXPECTED).run()
    errors.segmented_control(key="errors-facets").set_value("One for each group").run()
    assert not errors.exception


def test_bland_altman_can_be_of_logarithms_and_as_dots(errors):
    errors.segmented_control(key="errors-shown").set_value(error_charts.BLAND_ALTMAN).run()
    errors.segmented_control(key="errors-scale").set_value("log2").run()
    errors.segmented_control(key="errors-marks-measured").set_value("Density").run()
    assert not errors.exception


def test_samples_can_be_listed_and_pure_ones_left_out(finished: Project, errors):
    errors.segmented_control(key="errors-rows").set_value("Samples").run()
    errors.toggle(key="errors-pure").set_value(False).run()
    assert not errors.exception
    assert "Save all 7 rows as CSV" in [button.proto.label for button in errors.get("download_button")]


def test_samples_that_are_all_pure_leave_nothing_to_judge(finished: Project, opened: Open):
    path = finished.run("run-0002").directory / "measured.csv"
    table = pd.read_csv(path)
    table["proportion"] = (table["proportion"] > 0.5).astype(float)
    table.to_csv(path, index=False)
    page = opened("composition").segmented_control(key="composition-view").set_value("Errors").run()
    page.toggle(key="errors-pure").set_value(False).run()
    assert not page.exception and "Nothing is left to draw" in words(page)
