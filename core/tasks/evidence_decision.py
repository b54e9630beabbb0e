"""How one cell came to its label: down the levels as far as is safe, and by vote where cells vote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.calls import backoff_of


def decision(run: Run, model: TrainedModel, cell: str) -> dict[str, Any]:
    """What the run's tables say of one cell's way to its label.

    Returns
    -------
    ``path`` where labels have levels, the coarsest first: ``level``, ``label``, ``probability``, ``safe_from`` (the
    probability from which labels of the level are safe; None where none is) and ``safe`` (whether the cell's deepest
    safe label is here or below); ``safe_label`` beside it. ``vote`` where cells voted: ``own_type``,
    ``own_probability``, ``vote_fraction`` (of the voters, for its label), ``voters``, ``counted`` (False in clusters
    too small to vote) and, of clusters, ``cluster``.
    """
    found: dict[str, Any] = {}
    backoff, levels, votes = backoff_of(model), _row(run, "label_levels", cell), _row(run, "votes", cell)
    if backoff is not None and levels is not None:
        names = list(backoff.hierarchy.levels)
        deepest = names.index(levels["safe_level"]) if levels["safe_level"] in names else -1
        found["path"] = [
            {
                "level": level,
                "label": levels[f"level_{number}"],
                "probability": float(levels[f"level_{number}_probability"]),
                "safe_from": float(threshold) if np.isfinite(threshold) else None,
                "safe": number - 1 <= deepest,
            }
            for number, (level, threshold) in enumerate(zip(names, backoff.thresholds, strict=True), start=1)
        ]
        found["safe_label"] = levels["safe_label"]
    voting = cast("AnnotateSpec", model.spec.analysis).voting
    if votes is not None:
        found["vote"] = {
            "own_type": votes["own_type"],
            "own_probability": float(votes["own_probability"]),
            "vote_fraction": float(votes["vote_fraction"]),
            "voters": int(votes["voters"]),
            "counted": voting is None or "cluster" not in votes or int(votes["voters"]) >= voting.least_cells,
            **({"cluster": votes["cluster"]} if "cluster" in votes else {}),
        }
    return found


def _row(run: Run, name: str, cell: str) -> Mapping[str, str] | None:
    """The cell's row of a table as text; ``None`` where the run wrote no such table."""
    path = run.directory / f"{name}.csv"
    if not path.exists():
        return None
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("cell")
    return {str(column): str(value) for column, value in table.loc[cell].items()}
