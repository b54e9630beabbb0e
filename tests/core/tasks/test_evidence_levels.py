"""Why a cell has its label where labels have levels and cells vote: the same way that the run's own tables tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, write_demo
from core.model import TrainedModel
from core.recipes import recipe
from core.runs.run import Run
from core.specs import SourceSpec, replaced_all
from core.tasks.calls import backoff_of
from core.tasks.evidence_cell import why
from core.tasks.evidence_decision import decision
from core.tasks.evidence_words import decision_words
from core.tasks.worker import execute

SETTINGS = {
    "training.epochs": 3,
    "training.threads": 1,
    "features.target": 150,
    "analysis.embedding.epochs": 10,
    "analysis.calibration_folds": 2,
    "analysis.groups": (2, 4),
    "analysis.voting.over": "clusters",
    "analysis.voting.least_cells": 12,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("levels")
    paths = write_demo(folder / "demo")
    made = recipe("deepscore").for_task("annotate")
    sources = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column=HIDDEN_TRUTH),
    }
    made = made.model_copy(update={"data": made.data.model_copy(update=sources)})
    run = Run.create(folder / "run", replaced_all(made, SETTINGS))
    execute(run)
    assert run.status.state == "finished", run.status
    return run


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_csv(run.directory / f"{name}.csv", keep_default_na=False, dtype={"cluster": str})


def test_the_way_down_the_levels_is_that_of_the_run(run: Run):
    model, labels = TrainedModel.load(run.model_path), table(run, "label_levels")
    backoff = backoff_of(model)
    assert backoff is not None
    for _, row in labels.head(40).iterrows():
        facts = decision(run, model, str(row["cell"]))
        path = facts["path"]
        assert [step["level"] for step in path] == list(backoff.hierarchy.levels)
        assert [step["label"] for step in path] == [row["level_1"], row["level_2"], row["level_3"]]
        chances = [step["probability"] for step in path]
        assert chances == sorted(chances, reverse=True)
        deepest = [step["level"] for step in path if step["safe"]]
        assert (deepest[-1] if deepest else "none") == row["safe_level"]
        assert facts["safe_label"] == row["safe_label"]
        limits = [np.inf if step["safe_from"] is None else step["safe_from"] for step in path]
        np.testing.assert_allclose(limits, backoff.thresholds)


def test_the_vote_is_that_of_the_run_and_small_clusters_do_not_count(run: Run):
    model, votes = TrainedModel.load(run.model_path), table(run, "votes")
    sizes = votes["cluster"].value_counts()
    assert sizes.max() >= 12
    for _, row in votes.head(40).iterrows():
        vote = decision(run, model, str(row["cell"]))["vote"]
        assert (vote["own_type"], vote["cluster"]) == (row["own_type"], row["cluster"])
        assert vote["voters"] == sizes[row["cluster"]] and vote["counted"] == (sizes[row["cluster"]] >= 12)
        assert vote["vote_fraction"] == pytest.approx(row["vote_fraction"])


def test_an_explained_cell_brings_its_way_and_says_it(run: Run):
    annotation = table(run, "annotation")
    cell = str(annotation["cell"].iloc[2])
    facts = why(str(run.directory), cell)
    assert {"path", "safe_label", "vote"} <= set(facts)
    assert facts["probability"] == pytest.approx(annotation["probability"].iloc[2], abs=1e-4)
    said = decision_words(facts)
    assert len(said) == 2 and said[0].startswith("Down the levels: ") and "best type" in said[1]
    assert all(step["label"] in said[0] for step in facts["path"])
