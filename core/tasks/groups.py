"""Groups of a run's samples compared, and the tables of it kept in the run's folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.composition.arrangement import arrange
from core.composition.groups import Comparison, compare
from core.composition.share_draws import share_draws
from core.export.tables import write_table
from core.files import write_json
from core.results import Results
from core.specs.groups import GroupSpec

if TYPE_CHECKING:
    from core.runs.run import Run

FOLDER = "groups"
SETTINGS = "settings.json"
TABLES: dict[str, str] = {
    "tests": "Cell types tested between samples by {column}: effect, adjusted p, share of draws in which it holds",
    "summary": "Median and quartiles of each cell type by {column}",
    "pairs": "Each pair of groups of {column}, type by type",
}
"""Tables of a comparison and what is in them."""
Merge = Callable[[pd.DataFrame], pd.DataFrame]


def compare_samples(results: Results, columns: pd.DataFrame, spec: GroupSpec, merge: Merge | None = None) -> Comparison:
    """Test every cell type of a run between its samples.

    Parameters
    ----------
    results
        Of a run of deconvolve.
    columns
        What is known of its samples, from ``core.tasks.sample_sheet.sample_columns``.
    spec
        What is compared, and how.
    merge
        Puts types together in a table of samples x types; none where they stay as they are.

    Raises
    ------
    DataError
        If the samples cannot be arranged as ``spec`` asks.
    """
    shares = results.table("composition").astype(float)
    arrangement = arrange(columns.loc[shares.index.astype(str)], spec)
    merged = shares if merge is None else merge(shares)
    return compare(merged, arrangement, spec, _draws(results, shares, spec, merge))


def keep(run: Run, spec: GroupSpec, found: Comparison) -> Path:
    """Write the tables into the run's folder, in place of those of an earlier comparison by this column."""
    folder = run.directory / FOLDER / _file_name(spec.column)
    for name, table in (("tests", found.tests), ("summary", found.summary), ("pairs", found.pairs)):
        if len(table):
            write_table(table, name, folder)
        else:
            (folder / f"{name}.csv").unlink(missing_ok=True)
    write_json(folder / SETTINGS, spec.model_dump(mode="json"))
    return folder


def _draws(results: Results, shares: pd.DataFrame, spec: GroupSpec, merge: Merge | None) -> Iterator[np.ndarray]:
    """Draws of the shares within their intervals, with types put together as in the shares themselves."""
    if not spec.draws:
        return
    intervals = results.table("intervals")
    low, high = (
        intervals.reset_index().pivot(index="sample", columns="cell_type", values=end).loc[shares.index, shares.columns]
        for end in ("low", "high")
    )
    level, rng = float(intervals["level"].iloc[0]), np.random.default_rng(spec.seed)
    for block in share_draws(shares.to_numpy(), low.to_numpy(float), high.to_numpy(float), level, spec.draws, rng):
        if merge is None:
            yield block
        else:
            yield np.stack([merge(shares.copy(deep=False).assign(**_named(shares, one))).to_numpy() for one in block])


def _named(shares: pd.DataFrame, drawn: np.ndarray) -> dict[str, np.ndarray]:
    return {str(name): drawn[:, column] for column, name in enumerate(shares.columns)}


def _file_name(column: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", column).strip("_") or "column"
