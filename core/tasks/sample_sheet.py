"""The sample sheet of a run or a project, joined to what a bulk file says of its samples itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from core import keys
from core.data.cohorts import Cohorts
from core.data.dataset import Dataset
from core.data.sample_sheet import as_obs, matched, read_sheet
from core.data.wording import counted, listed
from core.results import Results
from core.tasks.progress import Progress


def with_sheet(bulk: Cohorts, path: str | None, progress: Progress) -> Cohorts:
    """``bulk`` with the columns of the sheet at ``path`` in the obs of its samples; as it is without one.

    Samples without a row are told; a column that the bulk file has as well is taken from the sheet, which is told too.

    Raises
    ------
    DataError
        If the sheet cannot be read, or names none of the samples.
    """
    if path is None:
        return bulk
    sheet = read_sheet(Path(path))
    rows, lacking = matched(sheet, bulk.samples)
    if lacking:
        progress.note(lacking_words(lacking, len(bulk.samples)))
    own = {str(name) for dataset in bulk.sets.values() for name in dataset.adata.obs}
    twice = [str(name) for name in sheet if name in own]
    if twice:
        progress.note(f"The columns {listed(twice)} of the bulk file are replaced by those of the sample sheet.")
    made = as_obs(rows)
    return Cohorts({name: _described(dataset, made) for name, dataset in bulk.sets.items()})


def lacking_words(lacking: list[str], n_samples: int) -> str:
    """Which samples have no row in the sheet, as a sentence."""
    verb = "has" if len(lacking) == 1 else "have"
    return f"{len(lacking)} of {counted(n_samples, 'sample')} {verb} no row in the sample sheet: {listed(lacking, 5)}."


def sample_columns(results: Results, path: str | None) -> tuple[pd.DataFrame, list[str]]:
    """What is known of a run's samples: the columns of its results, and before them those of the sheet at ``path``.

    The sheet is read as it is now: it changes nothing in the proportions, so that a run need not be made again for it.

    Parameters
    ----------
    results
        Of a run of deconvolve.
    path
        The project's present sheet; ``None`` for what the run itself has.

    Returns
    -------
    columns
        Samples of composition.csv x columns, those that CellDesk writes itself left out but for the cohort.
    lacking
        Samples without a row in the sheet.

    Raises
    ------
    DataError
        If the sheet cannot be read, or names none of the samples.
    """
    samples = [str(name) for name in results.table("composition").index]
    obs = results.obs.set_axis(results.obs.index.astype(str), axis=0).reindex(samples)
    kept = [name for name in obs if not keys.is_own(str(name)) or name == keys.COHORT]
    own = obs.loc[:, kept].rename(columns={keys.COHORT: "cohort"})
    if path is None:
        return own, []
    rows, lacking = matched(read_sheet(Path(path)), samples)
    rest = own.drop(columns=[name for name in own if name in rows])
    return pd.concat([rows, rest.set_axis(rows.index, axis=0)], axis=1), lacking


def _described(dataset: Dataset, rows: pd.DataFrame) -> Dataset:
    adata = dataset.adata.copy()
    own = rows.loc[adata.obs_names.astype(str)]
    obs = pd.DataFrame(adata.obs)
    adata.obs = obs.drop(columns=[name for name in own if name in obs]).join(own)
    return replace(dataset, adata=adata)
