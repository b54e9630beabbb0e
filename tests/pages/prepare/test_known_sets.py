"""Data: gene sets that the project made are offered where a gene-set file is brought."""

from __future__ import annotations

from core.project import Project
from core.tasks import set_files
from tests.pages.prepare.conftest import Open


def test_sets_that_the_project_made_become_its_gene_sets(demo: Project, opened: Open):
    path = set_files.keep_textbook(demo, "human")
    test = opened(demo, "data")
    box = next(box for box in test.selectbox if (box.key or "").startswith("known-sets-"))
    box.select(path).run()
    next(button for button in test.button if (button.key or "").endswith("-use")).click().run(timeout=120)
    assert not test.exception and demo.draft.data.gene_sets == str(path)


def test_sets_of_another_species_are_a_finding_with_its_reason(demo: Project, opened: Open):
    demo.change("data.gene_sets", str(set_files.keep_textbook(demo, "mouse")))
    said = " ".join(part.proto.json for part in opened(demo, "data").get("bidi_component"))
    assert "The sets hold mouse symbols, the data human symbols" in said
