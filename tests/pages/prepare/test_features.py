from __future__ import annotations

from pathlib import Path

from core.project import Project
from core.recipes import recipe
from core.recipes.adopt import adopted
from core.steps import features_key
from core.tasks import feature_search, stored_sets
from tests.pages.prepare.conftest import Open, words


def genes_of(project: Project) -> list[str]:
    folder = project.stored("features", features_key(project, project.draft))
    assert folder is not None
    return (folder / "genes.txt").read_text().splitlines()


def test_without_a_reference_the_page_leads_to_data(empty: Project, opened: Open):
    test = opened(empty, "features")
    assert not test.exception
    assert "No reference yet" in words(test)


def test_the_first_look_searches_and_a_changed_setting_asks_to_search_again(demo: Project, opened: Open):
    test = opened(demo, "features")
    assert not test.exception
    n_first = len(genes_of(demo))
    assert f"Use these {n_first:,} genes" in [button.label for button in test.button]
    test.number_input[0].set_value(50).run()
    assert demo.draft.features.target == 50
    assert "have changed since this search" in words(test)
    next(button for button in test.button if button.label == "Search again").click().run()
    assert not test.exception
    assert 50 <= len(genes_of(demo)) <= n_first


def test_an_own_list_is_searched_as_it_is_written(demo: Project, opened: Open):
    demo.change("features", {**demo.draft.features.model_dump(), "rule": "variable", "target": 100})
    test = opened(demo, "features")
    next(button for button in test.button if button.label == "Use my own gene list").click().run()
    assert demo.draft.features.rule == "own_list"
    source = demo.draft.data.reference
    assert source is not None
    folder = stored_sets.stored(demo, "reference", source)
    assert folder is not None
    wanted = sorted(stored_sets.genes(folder)["gene"])[:15]
    test.text_area[0].set_value("\n".join([*wanted, "NOT-A-GENE"])).run()
    next(button for button in test.button if button.label == "Search again").click().run()
    assert not test.exception
    assert genes_of(demo) == wanted and "1 not in the data" in words(test)


def test_the_steps_of_digital_sorter_are_counted_and_each_of_its_limits_can_be_set(demo: Project, opened: Open):
    demo.change("features", {**demo.draft.features.model_dump(), "rule": "digital_sorter", "target": 2000})
    test = opened(demo, "features")
    assert not test.exception
    before = feature_search.load(_folder(demo)).space.steps
    assert before[0][0] == "In the reference" and before[1][0] == "More than 1 in at least 1 cell"
    limits = {field.label: field for field in test.number_input}
    limits["Cells, at least"].set_value(5).run()
    limits = {field.label: field for field in test.number_input}
    limits["Log2 fold change, at least"].set_value(0.0).run()
    assert (demo.draft.features.min_cells, demo.draft.features.fold_change) == (5, 0.0)
    next(button for button in test.button if button.label == "Search again").click().run()
    assert not test.exception
    after = feature_search.load(_folder(demo)).space.steps
    assert after[1][0] == "More than 1 in at least 5 cells" and after[1][1] < before[1][1]


def test_a_search_is_shown_as_a_curve_or_by_its_steps(demo: Project, opened: Open):
    test = opened(demo, "features")
    shown = test.segmented_control(key="genes-found")
    assert list(shown.options) == ["Search", "Steps"] and shown.value == "Search"
    shown.set_value("Steps").run()
    assert not test.exception


def _folder(project: Project) -> Path:
    folder = project.stored("features", features_key(project, project.draft))
    assert folder is not None
    return folder


def test_a_rule_that_cannot_be_served_says_why_and_the_page_stands(demo: Project, opened: Open):
    demo.change("data.query", None)
    test = opened(demo, "features")
    assert not test.exception
    assert "This rule compares the reference with a query" in words(test)


def test_genes_of_the_bulk_alone_are_asked_for_where_bulk_is_taken_apart(demo: Project, opened: Open):
    demo.edit(lambda draft: adopted(draft, recipe("mixer")))
    page = opened(demo, "features")
    box = next(box for box in page.number_input if box.label == "Genes of the bulk alone")
    box.set_value(50).run()
    assert not page.exception and demo.draft.features.bulk_alone == 50
    demo.edit(lambda draft: adopted(draft, recipe("deepscore")))
    assert "Genes of the bulk alone" not in [box.label for box in opened(demo, "features").number_input]
