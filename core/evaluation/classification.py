"""How many test cells are called wrong, from genes, components and codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.evaluation.autoencoder import CLASSIFIER
from core.evaluation.cross_validation import Fold
from core.evaluation.rows import rows

MAIN = "svm_linear"
HEAD = "class_head"
TREES = 200


def classification(fold: Fold) -> list[dict[str, Any]]:
    """Errors of four classifiers on each method's view of the cells, and of the class head itself.

    ``errors`` is the linear support vector machine's count for every method, so that methods are compared by one rule
    and none is chosen by its own test result.

    Returns
    -------
    Rows with the metrics ``errors``, ``error_share``, and both with ``_`` and the classifier's name behind:
    ``random_forest``, ``svm_rbf``, ``svm_linear``, ``logistic_regression``, ``class_head``; ``cells`` is how many were
    tested. Methods: ``genes``, ``pca``, ``autoencoder``, ``classifier_autoencoder``.

    Source: Cell Identity Codes, Fig. S7 and "classifier autoencoder".
    """
    found = []
    for method, sides in fold.codes.items():
        train, test = of_one_scale(*sides)
        wrong = {
            name: errors(model.fit(train, fold.train_labels).predict(test), fold.test_labels)
            for name, model in classifiers(fold.seed).items()
        }
        if method == CLASSIFIER:
            called = fold.network(method).class_probabilities(fold.test).argmax(axis=1)
            wrong[HEAD] = errors(called, fold.test_labels)
        found += rows("classification", method, _metrics(wrong, len(fold.test)), fold)
    return found


def classifiers(seed: int) -> dict[str, Any]:
    """Untrained classifiers by name."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    return {
        "random_forest": RandomForestClassifier(TREES, random_state=seed),
        "svm_rbf": SVC(kernel="rbf"),
        "svm_linear": SVC(kernel="linear"),
        "logistic_regression": LogisticRegression(max_iter=1000),
    }


def of_one_scale(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sides centred by the training cells' means and divided by one number, their overall spread.

    Classifiers that measure distances then see every method at the same scale. Columns are not standardised one by
    one: that would blow up the small principal components and make the baseline worse than it is.
    """
    mean = train.mean(axis=0)
    spread = float((train - mean).std()) or 1.0
    return (train - mean) / spread, (test - mean) / spread


def errors(called: np.ndarray, known: np.ndarray) -> int:
    """How many calls are wrong."""
    return int((np.asarray(called) != np.asarray(known)).sum())


def _metrics(wrong: dict[str, int], cells: int) -> dict[str, float]:
    metrics: dict[str, float] = {"errors": wrong[MAIN], "error_share": wrong[MAIN] / cells}
    for name, count in wrong.items():
        metrics[f"errors_{name}"] = count
        metrics[f"error_share_{name}"] = count / cells
    return {**metrics, "cells": cells}
