from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.data.feature_space import TRACE_COLUMNS, FeatureSpace
from core.recipes import recipe
from core.runs.run import Run
from core.tasks.gene_steps import keep_steps, steps_in_words
from core.tasks.progress import Progress


def space(*steps: tuple[str, int]) -> FeatureSpace:
    return FeatureSpace((), pd.DataFrame(), pd.DataFrame(columns=TRACE_COLUMNS), "all", 10, {}, steps)


def kept(run: Run) -> list[tuple]:
    return list(pd.read_csv(run.directory / "gene_steps.csv").itertuples(index=False, name=None))


def test_steps_are_kept_for_each_reference_and_those_of_a_second_start_replace_the_first(tmp_path: Path):
    run = Run.create(tmp_path / "run", recipe("mixer").spec)
    progress = Progress(run)
    keep_steps(space(("Read", 9)), progress, "reference 2")
    keep_steps(space(("Read", 1300), ("Shared", 12)), progress)
    keep_steps(space(("Read", 1300), ("Shared", 11)), progress)
    assert kept(run) == [("reference", "Read", 1300), ("reference", "Shared", 11), ("reference 2", "Read", 9)]
    assert "Genes of the reference: read: 1,300; shared: 11" in (run.directory / "log.txt").read_text()


def test_words_begin_small():
    assert steps_in_words(pd.DataFrame({"step": ["In all"], "genes": [12000]})) == "in all: 12,000"
