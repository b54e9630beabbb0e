from __future__ import annotations

import time

from core.project import Project
from core.specs import QualitySpec
from tests.pages.prepare.conftest import Open, words


def test_without_a_reference_the_page_leads_to_data(empty: Project, opened: Open):
    test = opened(empty, "quality")
    assert not test.exception
    assert "No reference yet" in words(test)


def test_a_threshold_shows_what_it_leaves_out_and_is_kept_only_when_asked(demo: Project, opened: Open):
    test = opened(demo, "quality")
    assert not test.exception and "of 400" in words(test)
    least = next(number for number in test.number_input if number.label == "Counts per cell, at least")
    least.set_value(400).run()
    assert demo.draft.data.quality == QualitySpec()
    assert '>400 <span class="cd-muted">of 400' not in words(test)
    next(button for button in test.button if button.label == "Keep these settings").click().run()
    assert not test.exception
    assert demo.draft.data.quality.min_counts == 400
    assert "Continue to Features" in [button.label for button in test.button]


def test_reset_goes_back_to_what_is_kept(demo: Project, opened: Open):
    demo.change("data.quality.min_genes", 20)
    test = opened(demo, "quality")
    next(number for number in test.number_input if number.label == "Genes per cell, at least").set_value(90).run()
    next(button for button in test.button if button.label == "Reset").click().run()
    assert next(n for n in test.number_input if n.label == "Genes per cell, at least").value == 20
    assert demo.draft.data.quality.min_genes == 20


def test_rules_that_leave_no_cell_are_not_kept(demo: Project, opened: Open):
    test = opened(demo, "quality")
    next(n for n in test.number_input if n.label == "Counts per cell, at least").set_value(10_000_000).run()
    assert not test.exception
    assert "No cell meets these rules" in words(test)
    assert next(button for button in test.button if button.label == "Keep these settings").disabled


def test_a_moved_slider_answers_at_once(demo: Project, opened: Open):
    test = opened(demo, "quality")
    share = next(slider for slider in test.slider if slider.label == "Mitochondrial share, at most")
    start = time.process_time()
    share.set_value(10.0).run()
    assert time.process_time() - start < 0.3
