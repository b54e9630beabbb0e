"""Annotators that CellDesk's own libraries provide: logistic regression, neighbours on components, the largest type."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.comparison.methods import FLOOR
from core.data.align import Aligned
from core.data.normalise import normalised
from core.errors import DataError

LARGEST = 10.0
"""Standard deviations at which a z-score is cut, as scanpy and CellTypist do."""
COMPONENTS = 50
NEIGHBOURS = 15

Answer = tuple[np.ndarray, np.ndarray]
"""(n_cells,) type names, (n_cells,) probability of each."""
Learner = Callable[[np.ndarray, np.ndarray, np.ndarray, int], Answer]
"""``fit(train, labels, test, seed)``: learn from (n_train, n_genes) with (n_train,) names, label (n_test, n_genes)."""


def learner(name: str) -> Learner:
    """The annotator called ``name``."""
    return {"logistic_regression": logistic_regression, "knn": neighbours, FLOOR: majority}[name]


def warm_up(name: str) -> None:
    """Use the annotator called ``name`` once: what is loaded when it is first used is no cost of its own."""
    learner(name)(np.eye(4, dtype=np.float32), np.array(["a", "a", "b", "b"]), np.eye(4, dtype=np.float32), 0)


def log_values(cells: Aligned) -> np.ndarray:
    """(n_cells, n_genes), ln(CP10k + 1) where the file's unit allows it, float32; NaN for genes the file lacks."""
    values = normalised(cells.values, cells.unit, "log1p_cp10k", cells.library)
    full = np.asarray(values if isinstance(values, np.ndarray) else values.toarray(), dtype=np.float32)
    full[:, ~cells.present] = np.nan
    return full


def z_scores(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both scaled by the mean and standard deviation of ``train``, cut at 10; genes that a side lacks are 0."""
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[~(spread > 0)] = 1.0
    scaled = (np.clip((part - mean) / spread, -LARGEST, LARGEST) for part in (train, test))
    first, second = (np.nan_to_num(part, nan=0.0).astype(np.float32) for part in scaled)
    return first, second


def logistic_regression(train: np.ndarray, labels: np.ndarray, test: np.ndarray, seed: int) -> Answer:
    """Multinomial, L2, scikit-learn's own settings but for more steps.

    Raises
    ------
    DataError
        If the cells are all of one type.
    """
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        raise DataError("It needs cells of two types or more", str(labels[0]), "Use a reference with more types")
    first, second = z_scores(train, test)
    model = LogisticRegression(max_iter=1000, random_state=seed).fit(first, labels)
    return _best(model.predict_proba(second), model.classes_)


def neighbours(train: np.ndarray, labels: np.ndarray, test: np.ndarray, seed: int) -> Answer:
    """The nearest training cells vote, each as much, among principal components of the training cells."""
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier

    first, second = z_scores(train, test)
    components = PCA(max(1, min(COMPONENTS, *(side - 1 for side in first.shape))), random_state=seed).fit(first)
    model = KNeighborsClassifier(min(NEIGHBOURS, len(first))).fit(components.transform(first), labels)
    return _best(np.asarray(model.predict_proba(components.transform(second))), model.classes_)


def majority(train: np.ndarray, labels: np.ndarray, test: np.ndarray, seed: int) -> Answer:
    """The most frequent type with its share; of equally frequent ones the first in the alphabet."""
    types, cells = np.unique(labels, return_counts=True)
    share = float(cells.max() / len(labels))
    return np.full(len(test), types[cells.argmax()], dtype=object), np.full(len(test), share)


def _best(probabilities: np.ndarray, types: np.ndarray) -> Answer:
    best = probabilities.argmax(axis=1)
    return np.asarray(types, dtype=object)[best], probabilities[np.arange(len(best)), best]
