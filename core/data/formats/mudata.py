"""MuData, h5mu: one AnnData for each kind of feature that was measured in the same cells.

The layout is read as what it is, groups of AnnData below ``mod``, by the reader of h5ad files: blocks, layers and
checks are then the same for both, and no further package is needed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.formats import anndata_store
from core.data.formats.opened import Opened
from core.data.wording import quoted
from core.errors import DataError

EXPRESSION_NAMES = ("rna", "gex", "gene expression", "genes", "expression")
AUTO = "auto"


def read_h5mu(path: Path, modality: str = AUTO) -> Opened:
    """One part of an h5mu file, with the columns that the file keeps for all parts.

    Parameters
    ----------
    path
        The file.
    modality
        Name of the part; auto: the one that is named as expression, or the only one.

    Raises
    ------
    DataError
        If there is no such part, or several and none is named as expression.
    """
    import h5py

    with h5py.File(path, "r") as opened:
        file: Any = opened
        names = tuple(str(name) for name in file["mod"])
        chosen = chosen_modality(names, modality)
        common = anndata_store.table(file["obs"]) if "obs" in file else None
    part = anndata_store.read_h5ad(path, f"mod/{chosen}")
    return replace(part, obs=_with_common(part.obs, common, names), modalities=names, modality=chosen)


def chosen_modality(names: tuple[str, ...], modality: str) -> str:
    """The part that ``modality`` asks for.

    Raises
    ------
    DataError
        If there is none.
    """
    if modality != AUTO:
        if modality in names:
            return modality
        raise DataError("The file has no such part", modality, f"Choose one of: {quoted(list(names))}")
    expression = [name for name in names if name.lower() in EXPRESSION_NAMES]
    if len(expression) == 1:
        return expression[0]
    if len(names) == 1:
        return names[0]
    raise DataError(
        "The file holds several parts, and none is plainly gene expression",
        quoted(list(names)),
        "Name the part to use, as data.reference.modality or data.query.modality",
    )


def _with_common(obs: pd.DataFrame, common: pd.DataFrame | None, names: tuple[str, ...]) -> pd.DataFrame:
    """``obs`` of a part with the columns of all parts; copies that begin with the name of a part are left out."""
    if common is None:
        return obs
    own = [
        column
        for column in common.columns
        if column not in obs.columns and not any(str(column).startswith(f"{name}:") for name in names)
    ]
    return obs if not own else obs.join(common.loc[~common.index.duplicated(), own])
