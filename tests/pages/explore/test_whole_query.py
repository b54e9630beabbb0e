"""What the Annotation page says where the rate of known cells refused does not carry over, and of a bridge's cells."""

from __future__ import annotations

import pandas as pd
import pytest

from core.annotation.bridge import FATES
from core.project import Project
from core.runs.run import Run
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow


def annotation_of(run: Run) -> pd.DataFrame:
    return pd.read_csv(run.directory / "annotation.csv", keep_default_na=False)


def test_a_query_that_is_all_strange_has_no_expected_rate(finished: Project, opened: Open):
    run = finished.run("run-0001")
    table = annotation_of(run)
    table.assign(open_set_score=0.5 + table["open_set_score"] / 2).to_csv(run.directory / "annotation.csv", index=False)
    said = words(opened("annotation"))
    assert "how many of known types is unknown" in said and "stranger than the reference" in said


def test_strangeness_counted_from_the_query_is_told_with_what_it_was_before(finished: Project, opened: Open):
    run = finished.run("run-0001")
    table = annotation_of(run)
    scores = table["open_set_score"]
    told = pd.DataFrame({"cell": table["cell"], "from_query": scores, "from_reference": 1.0})
    told.to_csv(run.directory / "strangeness.csv", index=False)
    page = opened("annotation")
    said = words(page)
    assert "if all are shifted alike" in said and "<b>100.0 %</b> would get no label" in said
    slider = next(box for box in page.slider if box.key == "refuse-rate-run-0001")
    assert "counted from the least strange quarter" in slider.help


def test_what_became_of_a_bridge_can_be_seen(finished: Project, opened: Open):
    run = finished.run("run-0001")
    types = pd.read_csv(run.directory / "per_type.csv")["cell_type"].head(3)
    counts = {fate: [30, 20, 10] for fate in FATES}
    trust = {"probability": 0.9, "rna_right": 0.8, "peaks_agree": [0.7, 0.6, None]}
    pd.DataFrame({"cell_type": types, **counts, **trust}).to_csv(run.directory / "bridge_types.csv", index=False)
    page = opened("annotation")
    page.segmented_control(key="types-shown").set_value("Bridge").run()
    assert not page.exception
    assert "stranger than the reference" not in words(page)
    assert "60 of 240 bridge cells taught the peaks their type" in words(page)
