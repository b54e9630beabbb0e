"""The tables of a comparison leave with the run that they belong to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.project import Project
from core.tasks import export_items, export_step
from core.tasks.compare_kept import Compared, keep_scores
from core.tasks.export_comparison import comparison_files

MADE = Compared(
    pd.DataFrame({"part": ["query"], "method": ["celldesk"], "metric": ["accuracy"], "value": [0.9]}),
    pd.DataFrame({"part": ["query"], "method": ["celldesk"], "cells": [10], "refused": [""], "version": [""]}),
    {"column": "truth"},
    current=True,
)


def test_a_comparison_is_offered_and_written_as_it_is(finished: Project, tmp_path: Path):
    run = finished.run("run-0001")
    assert not comparison_files(run)
    keep_scores(run, MADE)
    files = comparison_files(run)
    assert set(files) == {"comparison.csv", "comparison_methods.csv"}
    offered = {item.name: item for item in export_items.items(finished, run)}
    assert offered["comparison.csv"].size == files["comparison.csv"][1].stat().st_size
    export_step.export(str(finished.root), [("run-0001", name) for name in files], str(tmp_path))
    for name, (_, path) in files.items():
        assert (tmp_path / "run-0001" / name).read_bytes() == path.read_bytes()


def test_a_comparison_of_an_earlier_state_of_the_run_stays_behind(finished: Project):
    run = finished.run("run-0001")
    keep_scores(run, MADE)
    run.model_path.touch()
    assert not comparison_files(run)
