"""Measured proportions of bulk samples, compared with what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.composition.agreement import agreement, long_table, mean_type_r, shared_types
from core.errors import DataError
from core.export.tables import write_table
from core.runs.run import Run

NETWORK, FLOOR, TRUTH_MEAN = "network", "reference_frequencies", "mean_of_measured"
FEWEST_SHARED = 2
"""Measured types with a name of the reference that a comparison needs."""


def measured(path: str, samples: list[str]) -> pd.DataFrame:
    """A table of measured proportions, samples x cell types, rows in the order of ``samples``.

    Raises
    ------
    DataError
        If the table cannot be read, lacks samples or holds something else than proportions.
    """
    try:
        table = pd.read_csv(path, index_col=0)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError("The measured proportions cannot be read", Path(path).name, f"Give a CSV: {error}") from None
    if set(samples) & set(table.columns.astype(str)) and not set(samples) & set(table.index.astype(str)):
        table = table.T
    table.index = table.index.astype(str)
    missing = [name for name in samples if name not in table.index]
    if missing:
        raise DataError("The measured proportions lack samples of the bulk file", missing[:5], "Use the same names")
    table = table.loc[samples].select_dtypes("number")
    if table.empty or (table.to_numpy() < 0).any():
        raise DataError(
            "The measured proportions are not proportions", list(table.columns)[:5], "Give numbers from 0 to 1"
        )
    return table


def measured_cohorts(path: str, samples: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """``measured`` of those cohorts that the table holds samples of.

    Parameters
    ----------
    samples
        The samples of each cohort.

    Raises
    ------
    DataError
        As ``measured``: a cohort is measured whole or not at all, and at least one is.
    """
    every = [list(names) for names in samples.values()]
    try:
        table = pd.read_csv(path, index_col=0)
        known = {*table.index.astype(str), *table.columns.astype(str)}
        every = [names for names in every if known.intersection(names)] or every
    except (OSError, ValueError, UnicodeDecodeError):
        pass  # said by ``measured``
    return measured(path, [name for names in every for name in names])


def shared_names(truth: pd.DataFrame, types: Iterable[str]) -> list[str]:
    """Measured types that are among ``types``, in the order of the measured ones.

    Raises
    ------
    DataError
        If there are fewer than two.
    """
    known = list(map(str, types))
    shared = [name for name in truth.columns if name in known]
    if len(shared) < FEWEST_SHARED:
        raise DataError(
            "Measured and found cell types share fewer than two names",
            list(truth.columns)[:8],
            f"Name the measured columns as the reference does: {', '.join(known)}",
        )
    return shared


def scores(run: Run, truth: pd.DataFrame, methods: pd.DataFrame) -> dict[str, Any]:
    """Agreement of every method with the measured types it shares, written as measured.csv and measured_scores.csv.

    Two constants stand beside them: the reference's frequencies for every sample, and the mean of the measured values.

    Parameters
    ----------
    truth
        samples x types, as measured.
    methods
        Long table: method, sample, cell_type, proportion.

    Raises
    ------
    DataError
        If fewer than two type names are shared.
    """
    answers = methods.groupby("method", sort=False)
    found = {str(name): part.pivot(index="sample", columns="cell_type", values="proportion") for name, part in answers}
    shared = shared_names(truth, found[NETWORK].columns)
    measured_mean = truth.loc[:, shared].to_numpy(float).mean(axis=0)
    constant = np.tile(measured_mean, (len(truth), 1))
    found[TRUTH_MEAN] = pd.DataFrame(constant, index=truth.index, columns=pd.Index(shared))
    rows: list[dict[str, Any]] = []
    for method, table in found.items():
        both = long_table(*shared_types(truth, table.loc[truth.index], shared))
        if method == NETWORK:
            write_table(both, "measured", run.directory)
        rows.append({"method": method, "CCC": float(agreement(both)["CCC"].iloc[0]), "type_r": mean_type_r(both)})
    write_table(pd.DataFrame(rows), "measured_scores", run.directory)
    return {row["method"]: {"CCC": row["CCC"], "type_r": row["type_r"]} for row in rows}
