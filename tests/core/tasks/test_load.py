"""What the files of a run are found to be is said where its results are read."""

from __future__ import annotations

import pytest

from core.data.findings import Finding
from core.recipes import recipe
from core.runs.run import Run
from core.tasks.load import tell
from core.tasks.progress import Progress


@pytest.mark.parametrize(("kind", "key", "noted"), [
    ("choose", "shared_genes", True),
    ("choose", "batch_column", False),
    ("note", "missing_genes", False),
    ("fine", "counts", False),
])  # fmt: skip
def test_what_a_person_should_decide_is_noted_and_the_rest_logged(kind, key, noted, tmp_path):
    run = Run.create(tmp_path / "run", recipe("deepscore").spec)
    tell([Finding(kind, "query", "Only 19 genes are shared.", "Bring more", key)], Progress(run))
    line = "Query: Only 19 genes are shared."
    assert list(run.status.notes) == ([line] if noted else [])
    assert line in run.log_path.read_text()
