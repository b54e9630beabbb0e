from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch

from core.project import Project
from core.specs import CheckSpec, replaced
from core.tasks import check_words, sweep, sweep_worker
from core.tasks.again import Again
from core.tasks.export_codes import code_files
from core.tasks.finished import finished as again
from core.tasks.worker import execute

QUICK = CheckSpec(epochs=2, weights=(0.1,))


def test_a_sweep_is_told_kept_and_offered_for_export(finished: Project):
    run = finished.run("run-0001")
    told: list[tuple[str, int, int]] = []
    made = sweep.compute(run, QUICK, lambda *what: told.append(what))
    assert made is not None and made.epochs["weight"].tolist() == [0, 0, 0.1, 0.1]
    assert told[0][1:] == (0, 4) and told[-1] == ("Weight 0.1, epoch 2 of 2", 3, 4)
    kept = sweep.stored(run, QUICK)
    assert kept is not None and kept.facts["validated"] and kept.facts["lowest"] < made.weights["loss"].min()
    pd.testing.assert_frame_equal(kept.weights, made.weights)
    assert sweep.stored(run, QUICK.model_copy(update={"epochs": 3})) is None
    assert sweep.stored(run, QUICK.model_copy(update={"runs": 3})) is not None  # a setting of the clusters alone
    assert {"code_sweep.csv", "code_sweep_epochs.csv"} <= set(code_files(run))
    assert "norm" in check_words.sweep_words(kept.weights) or "No weight" in check_words.sweep_words(kept.weights)


def test_the_first_epochs_are_those_of_the_run_itself(finished: Project):
    run = finished.run("run-0001")
    weight = run.spec.objective.orthogonality
    made = sweep.compute(run, CheckSpec(epochs=2, weights=(weight,)))
    assert made is not None
    own = [record for record in run.epochs() if not record.get("stage")]
    swept = made.epochs[made.epochs["weight"] == weight]["validation_loss"]
    np.testing.assert_allclose(swept, [record["validation"]["reconstruction"] for record in own[:2]], rtol=1e-4)


def test_a_stop_keeps_nothing(finished: Project):
    run = finished.run("run-0001")
    assert sweep.compute(run, QUICK, stopping=lambda: True) is None
    assert sweep.found(run) is None


def test_the_process_says_how_it_ended(finished: Project):
    run = finished.run("run-0001")
    folder = sweep.folder_of(run)
    folder.directory.mkdir(parents=True)
    asked = json.dumps(QUICK.model_dump(mode="json"))
    assert sweep_worker.main([str(folder.directory), asked]) == 0
    assert folder.status.state == "finished" and sweep.stored(run, QUICK) is not None
    evaluated = sweep.folder_of(finished.run("run-0002"))
    evaluated.directory.mkdir(parents=True)
    assert sweep_worker.main([str(evaluated.directory), asked]) == 2
    assert evaluated.status.state == "failed"


@pytest.mark.parametrize("name", ["cell_identity_code", "funnel_autoencoder"])
def test_other_recipes_start_anew_as_they_started(finished: Project, name: str):
    from tests.finished import FAST, LABEL_COLUMN, spec

    paths = {"reference": finished.draft.data.reference.path, "gene_sets": finished.draft.data.gene_sets}  # type: ignore[union-attr]
    assert LABEL_COLUMN
    made = replaced(spec(paths, name, "represent", FAST), "training.epochs", 1)  # type: ignore[arg-type]
    run = finished.new_run(made)
    execute(run)
    anew = Again(again(run))
    first, second = (anew.network(anew.spec.objective) for _ in range(2))
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    assert len(anew.train) + len(anew.validation) == len(anew.own.aligned.library)
    assert sweep.refusal(run) == ""


def test_words_do_not_quote_a_share_that_means_nothing():
    rows = {"weight": [0.0, 0.1], "fall": [-5.0, 20.0], "extra": [np.nan, np.nan], "above": [0.0, 0.004]}
    table = pd.DataFrame({**rows, "chosen": [False, True]})
    words = check_words.sweep_words(table)
    assert "Chosen is 0.1" in words and "no meaning" in words and "falls by 20" in words
    falls = table.assign(fall=[10.0, 20.0], extra=[0.0, 1.0])
    assert "+100 % faster" in check_words.sweep_words(falls)
    assert check_words.sweep_words(table.assign(chosen=False)).startswith("No weight")
