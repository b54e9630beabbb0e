"""The genes behind a composition, as a person asks for them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow


def shown(opened: Open) -> AppTest:
    page = opened("composition")
    page.segmented_control(key="composition-view").set_value("Genes").run()
    assert not page.exception
    return page


def test_genes_are_followed_when_asked_for_and_kept(finished: Project, opened: Open):
    finished.change("analysis.gradients.profiles", 5)
    page = shown(opened)
    assert "Not computed yet" in words(page)
    page.button(key="gradients-compute").click().run()
    assert not page.exception
    said = words(page)
    assert "Strongest genes" in said and "random genes would be" in said and "How to read this" in said
    assert (finished.run("run-0002").directory / "evidence" / "gradients" / "mixed.csv").exists()
    again = shown(opened)
    assert "Not computed yet" not in words(again)


def test_another_gradient_maps_and_number_of_genes_can_be_looked_at(finished: Project, opened: Open):
    page = shown(opened)
    page.button(key="gradients-compute").click().run()
    page.selectbox(key="gradients-of-run-0002").set_value("class").run()
    assert not page.exception and "all but certain" in words(page)
    for maps in ("Negative", "Absolute", "All three"):
        page.selectbox(key="gradients-maps-run-0002").set_value(maps).run()
        assert not page.exception
    limits = {field.label: field for field in page.number_input}
    limits["Strongest genes"].set_value(4).run()
    assert not page.exception and finished.draft.analysis.gradients.top == 4  # type: ignore[union-attr]
    types = page.selectbox(key="gradients-type-run-0002")
    types.set_value(types.options[-1]).run()
    page.toggle(key="gradients-scaled").set_value(False).run()
    assert not page.exception and "Not computed yet" not in words(page)


def test_other_samples_ask_for_a_new_computation(finished: Project, opened: Open):
    finished.change("analysis.gradients.profiles", 4)
    shown(opened).button(key="gradients-compute").click().run()
    finished.change("analysis.gradients.profiles", 6)
    assert "Not computed yet" in words(shown(opened))
