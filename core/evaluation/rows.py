"""Tidy results: one number in each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.evaluation.cross_validation import Fold

COLUMNS = ("experiment", "method", "metric", "fold", "seed", "value")


def rows(experiment: str, method: str, metrics: Mapping[str, float], fold: Fold) -> list[dict[str, Any]]:
    """A row per metric with the columns of ``evaluation.csv``."""
    return [
        dict(zip(COLUMNS, (experiment, method, metric, fold.number, fold.seed, float(value)), strict=True))
        for metric, value in metrics.items()
    ]
