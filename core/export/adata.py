"""Everything about the cells in one AnnData file, under the keys of ``core.keys``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import keys
from core.errors import DataError
from core.export.blocks import append_matrices
from core.export.tables import joined_labels
from core.files import whole

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from anndata import AnnData
    from scipy.sparse import csr_matrix

_ANNOTATION = {
    "cell_type": keys.LABEL,
    "probability": keys.PROBABILITY,
    "assigned": keys.ASSIGNED,
    "open_set_score": keys.OPEN_SET_SCORE,
    "label_set_90": keys.LABEL_SET_90,
    "label_set_95": keys.LABEL_SET_95,
}


@dataclass(frozen=True)
class LevelLabels:
    """The labels of query cells at every level.

    Attributes
    ----------
    names
        Names of the levels, the coarsest first.
    table
        One row for each cell: cell, and for each level N, the coarsest being 1, level_N, level_N_probability,
        level_N_set_90, level_N_set_95; then safe_level (its name, or none) and safe_label.
    probabilities
        Cell x label for each level above the types, the coarsest first.
    """

    names: tuple[str, ...]
    table: pd.DataFrame
    probabilities: tuple[pd.DataFrame, ...]


def assemble(
    adata: AnnData,
    *,
    annotation: pd.DataFrame | None = None,
    probabilities: pd.DataFrame | None = None,
    code: np.ndarray | None = None,
    code_umap: np.ndarray | None = None,
    input_umap: np.ndarray | None = None,
    composition: pd.DataFrame | None = None,
    impact: pd.DataFrame | None = None,
    source: Sequence[str] | None = None,
    colours: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    levels: LevelLabels | None = None,
    votes: pd.DataFrame | None = None,
) -> AnnData:
    """A new AnnData with the results beside the data; arrays are shared with ``adata``, nothing in it is changed.

    Parameters
    ----------
    adata
        Cells (or bulk samples) x genes.
    annotation
        Columns of annotation.csv, one row per cell in the order of ``adata``.
    probabilities
        (n_cells, n_types), columns are cell types.
    code
        (n_cells, n_units).
    code_umap, input_umap
        (n_cells, 2).
    composition
        (n_samples, n_types), proportions.
    impact
        Gene set x code unit.
    source
        (n_cells,) reference or query.
    colours
        By cell type, stored as scanpy does.
    about
        Settings, versions and fingerprints, stored as JSON text.
    levels
        Labels at every level, where there are levels.
    votes
        Columns of votes.csv, one row per cell, where cells voted.

    Raises
    ------
    DataError
        If a part has another number of rows than ``adata``.
    """
    import anndata

    given: Any = adata  # its parts are typed wider than its constructor
    made = anndata.AnnData(
        X=given.X,
        obs=given.obs.copy(),
        var=given.var.copy(),
        obsm=dict(given.obsm),
        layers=dict(given.layers),
        uns=dict(given.uns),
    )
    if annotation is not None:
        _check(annotation, made, "annotation")
        for column, key in _ANNOTATION.items():
            if column in annotation:
                made.obs[key] = _column(annotation[column], column)
    if levels is not None:
        _check(levels.table, made, "levels")
        _add_levels(made, levels)
    if votes is not None:
        _check(votes, made, "votes")
        _add_votes(made, votes)
    if source is not None:
        _check(source, made, "source")
        made.obs[keys.SOURCE] = list(source)
        made.obs[keys.SOURCE] = made.obs[keys.SOURCE].astype("category")
    coarser = levels.probabilities if levels else ()
    by_level = {keys.level_probabilities(number): table for number, table in enumerate(coarser, start=1)}
    arrays = {keys.CODE: code, keys.CODE_UMAP: code_umap, keys.INPUT_UMAP: input_umap}
    tables = {keys.PROBABILITIES: probabilities, keys.COMPOSITION: composition, **by_level}
    for key, value in arrays.items():
        if value is not None:
            _check(value, made, key)
            made.obsm[key] = value
    for key, table in tables.items():
        if table is not None:
            _check(table, made, key)
            made.obsm[key] = table.set_axis(made.obs_names, axis=0).set_axis(storable(table.columns), axis=1)
    if probabilities is not None:
        made.uns[keys.TYPES] = _text(probabilities.columns)
    for number, table in enumerate(coarser, start=1):
        made.uns[keys.level_types(number)] = _text(table.columns)
    if impact is not None:
        made.uns[keys.IMPACT] = impact
    if colours is not None and keys.LABEL in made.obs:
        types = made.obs[keys.LABEL].cat.categories
        made.uns[keys.colours(keys.LABEL)] = [colours[str(name)] for name in types]
    if about is not None:
        made.uns[keys.ABOUT] = json.dumps(about)
    return made


def write_adata(
    adata: AnnData, path: Path, *, counts: bool = True, blocks: Iterable[Mapping[str, csr_matrix]] | None = None
) -> Path:
    """Write ``adata`` as .h5ad, whole or not at all.

    Parameters
    ----------
    adata
        Without ``X`` where ``blocks`` bring it.
    path
        The file.
    counts
        False leaves out the layer of raw counts.
    blocks
        Matrices that memory does not hold: consecutive rows of each by where it goes (``X``, ``layers/NAME``), with
        values in the same places.
    """
    if not counts and keys.COUNTS in adata.layers:
        adata = adata.copy()
        del adata.layers[keys.COUNTS]
    with whole(path) as partial:
        # codes and probabilities of cells that memory does not hold take long to pack, and shrink little
        packed: Any = {"compression": "gzip", "compression_opts": 1} if blocks is None else {}
        adata.write_h5ad(partial, **packed)
        if blocks is not None:
            append_matrices(partial, blocks, adata.n_vars)
    return path


def storable(names: Sequence[object] | pd.Index) -> list[str]:
    """Column names that HDF5 can hold: it reads ``/`` as a folder, so a division slash stands in.

    Raises
    ------
    DataError
        If two names become the same.
    """
    stored = [str(name).replace("/", "\u2215") for name in names]
    if len(set(stored)) < len(stored):
        raise DataError("Two cell types have the same name", stored, "Rename one of them")
    return stored


def _add_levels(made: AnnData, levels: LevelLabels) -> None:
    table = levels.table
    for number in range(1, len(levels.names) + 1):
        column = f"level_{number}"
        made.obs[keys.level_label(number)] = _categories(table[column])
        made.obs[keys.level_probability(number)] = table[f"{column}_probability"].to_numpy()
        for share in (90, 95):
            made.obs[keys.level_set(number, share)] = _categories(table[f"{column}_set_{share}"])
    made.obs[keys.SAFE_LABEL] = _categories(table["safe_label"])
    made.obs[keys.SAFE_LEVEL] = _categories(table["safe_level"])
    made.uns[keys.LEVELS] = _text(levels.names)


def _add_votes(made: AnnData, table: pd.DataFrame) -> None:
    made.obs[keys.VOTE_FRACTION] = table["vote_fraction"].to_numpy()
    made.obs[keys.OWN_LABEL] = _categories(table["own_type"])
    if "cluster" in table:
        made.obs[keys.VOTE_CLUSTER] = _categories(table["cluster"])


def _column(values: Any, name: str) -> Any:
    if name == "cell_type":
        return _categories(values)
    if name.startswith("label_set"):
        return _categories(values.map(joined_labels))
    return values.to_numpy()


def _categories(values: Any) -> Any:
    return values.astype(str).astype("category").array


def _text(names: Sequence[object] | pd.Index) -> np.ndarray:
    import numpy as np

    return np.array([str(name) for name in names], dtype=object)


def _check(part: Any, adata: AnnData, name: str) -> None:
    if len(part) != adata.n_obs:
        raise DataError(
            f"{name} and the data have different numbers of rows",
            f"{len(part):,} and {adata.n_obs:,}",
            "Compute the result again",
        )
