"""How many genes each step of their choice left, as a run tells and keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.export.tables import write_table

if TYPE_CHECKING:
    from core.data.feature_space import FeatureSpace
    from core.tasks.progress import Progress

TABLE = "gene_steps"
"""The run's table: reference, step, genes."""


def keep_steps(features: FeatureSpace, progress: Progress, reference: str = "") -> None:
    """Write the steps into the run's log and its table ``gene_steps``.

    Parameters
    ----------
    features
        The genes that were chosen.
    progress
        Of the run.
    reference
        Which one, where a run chooses genes for each of several by itself; rows kept of it before are replaced.
    """
    run, name = progress.run, reference or "reference"
    table = features.step_table
    table.insert(0, "reference", name)
    run.log(f"Genes of the {name}: {steps_in_words(table)}")
    path = run.directory / f"{TABLE}.csv"
    if path.exists():
        known = pd.read_csv(path)
        table = pd.concat([table, known.loc[known["reference"] != name]], ignore_index=True)
    write_table(table, TABLE, run.directory)


def steps_in_words(table: pd.DataFrame) -> str:
    """``step`` and ``genes`` of a table as one line: 13,714 in the reference, 8,986 more than 1 in at least 1 cell."""
    steps = zip(table["step"].astype(str), table["genes"], strict=True)
    return "; ".join(f"{asked[:1].lower()}{asked[1:]}: {genes:,}" for asked, genes in steps)
