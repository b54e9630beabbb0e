from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score

from core.networks.batch import Batch
from core.training.metrics import Totals


def test_losses_are_means_over_cells_not_over_batches():
    totals = Totals()
    for n, loss in ((3, 1.0), (1, 5.0)):
        totals.add(torch.tensor(loss), {"classes": torch.tensor(2 * loss)}, {}, Batch(torch.zeros(n, 2)))
    assert totals.values() == {"loss": 2.0, "classes": 4.0}


def test_accuracy_and_macro_f1_are_those_of_sklearn_over_labelled_cells():
    rng = np.random.default_rng(0)
    labels, called = rng.integers(0, 4, 60), rng.integers(0, 5, 60)  # class 4 is called, never a label; 5 neither
    logits = torch.nn.functional.one_hot(torch.from_numpy(called), 6).float()
    unlabelled = torch.from_numpy(np.where(np.arange(60) < 10, -1, labels))
    totals = Totals()
    for rows in (slice(0, 35), slice(35, 60)):
        outputs = {"class_logits": logits[rows]}
        totals.add(torch.tensor(0.0), {}, outputs, Batch(torch.zeros(len(logits[rows]), 1), labels=unlabelled[rows]))
    found = totals.values()
    assert found["accuracy"] == pytest.approx(accuracy_score(labels[10:], called[10:]))
    assert found["macro_f1"] == pytest.approx(f1_score(labels[10:], called[10:], average="macro"))


def test_proportion_error_and_concordance():
    rng = np.random.default_rng(0)
    true, predicted = rng.dirichlet(np.ones(3), 20), rng.dirichlet(np.ones(3), 20)
    totals = Totals()
    for rows in (slice(0, 7), slice(7, 20)):
        t, p = (torch.from_numpy(values[rows]).float() for values in (true, predicted))
        totals.add(torch.tensor(0.0), {}, {"proportions": p}, Batch(torch.zeros(len(t), 1), proportions=t))
    found, a, b = totals.values(), predicted.ravel(), true.ravel()
    ccc = 2 * np.cov(a, b, bias=True)[0, 1] / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    assert found["proportion_mae"] == pytest.approx(np.abs(a - b).mean(), rel=1e-5)
    assert found["proportion_ccc"] == pytest.approx(ccc, rel=1e-5)
