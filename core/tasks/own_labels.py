"""How far a query's labels agree with those that its own file names: as called, before the vote, and at each level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.annotation.agreement import agreement
from core.annotation.hierarchy import Hierarchy
from core.runs.run import Run


def own_label_facts(
    run: Run, own: np.ndarray, column: str | None, types: tuple[str, ...], tree: Hierarchy | None
) -> dict[str, Any]:
    """What summary.json says of a query that knows its own labels, from the tables of ``run``.

    Parameters
    ----------
    own
        (n_cells,), the query's own labels.
    column
        The column they come from.
    types
        Types of the reference.
    tree
        Levels of the labels; None where there is one.

    Returns
    -------
    ``agreement_with_own_labels``; ``agreement_before_vote`` where cells voted; ``agreement_by_level`` where labels have
    levels. Each is left out where no label is shared.
    """
    table = _text(run, "annotation")
    assigned = (table["assigned"] == "True").to_numpy()
    called = {"agreement_with_own_labels": table["cell_type"].to_numpy()}
    if (run.directory / "votes.csv").exists():
        called["agreement_before_vote"] = _text(run, "votes")["own_type"].to_numpy()
    facts: dict[str, Any] = {}
    for name, labels in called.items():
        scores = _agreement(own, labels, types, assigned)
        if scores:
            facts[name] = {"column": column, **scores}
    if tree is not None:
        levels = _text(run, "label_levels")
        scored = {
            level: _agreement(own, levels[f"level_{number}"].to_numpy(), labels, assigned)
            for number, (level, labels) in enumerate(zip(tree.levels, tree.labels, strict=True), start=1)
        }
        facts["agreement_by_level"] = {level: scores for level, scores in scored.items() if scores}
    return facts


def _agreement(own: np.ndarray, called: np.ndarray, types: Sequence[str], assigned: np.ndarray) -> dict[str, Any]:
    if not np.isin(own, list(types)).any():
        return {}
    return agreement(own, called, types, assigned).iloc[0].to_dict()


def _text(run: Run, name: str) -> pd.DataFrame:
    """A table of the run as text; a type may be called NA, or be a number."""
    return pd.read_csv(run.directory / f"{name}.csv", keep_default_na=False, dtype=str)
