"""Seurat objects of versions 2 to 5, mapped from R's slots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.findings import Finding
from core.data.formats.opened import Opened, Place, in_memory
from core.data.formats.r_values import class_of, dense, is_empty, matrix_of, named_list, slot, strings, table_frame
from core.data.types import CSR
from core.data.wording import quoted
from core.errors import DataError

CLASSES = ("Seurat", "seurat")
_LAYER_NAMES = {"data": "X", "counts": "layers/counts"}


def map_seurat(content: Any) -> Opened:
    """Cells, genes, normalised data as ``X``, counts as the layer ``counts``, reductions as ``obsm``.

    The assay is RNA where there is one, else the active one.

    Raises
    ------
    DataError
        If the object has no assay with values.
    """
    obs = table_frame(slot(content, "meta.data")) if slot(content, "meta.data") is not None else pd.DataFrame()
    if class_of(content) == "seurat":  # version 2
        return _version_2(content, obs)
    assays = named_list(slot(content, "assays"))
    if not assays:
        raise DataError("The Seurat object has no assay", None, "Save an object that holds counts")
    active = strings(slot(content, "active.assay"))
    wanted = ["RNA", *([] if active is None else list(active)), *assays]
    name = next(assay for assay in wanted if assay in assays)
    places = _assay_places(assays[name], obs.index)
    if not places:
        raise DataError("The assay of the Seurat object is empty", name, "Save an object that holds counts")
    findings = ()
    if len(assays) > 1:
        what = f"The Seurat object has the assays {quoted(list(assays))}. `{name}` was read."
        findings = (Finding("note", "all", what, "Save the assay you mean under the name RNA", "assay"),)
    if (
        "ident" not in obs
        and slot(content, "active.ident") is not None
        and len(slot(content, "active.ident")) == len(obs)
    ):
        obs = obs.assign(ident=pd.Categorical(np.asarray(slot(content, "active.ident"))))
    obsm = _reductions(named_list(slot(content, "reductions")), obs.index, "cell.embeddings")
    return Opened(obs, places, obsm, findings=findings)


def _version_2(content: Any, obs: pd.DataFrame) -> Opened:
    cells = strings(slot(content, "cell.names"))
    cells = obs.index if cells is None else cells
    places = []
    for name, key in (("X", "data"), ("layers/counts", "raw.data")):
        matrix = slot(content, key)
        if not is_empty(matrix):
            places.append(_place(name, [matrix], cells, None, None))
    if not places:
        raise DataError("The Seurat object holds no values", None, "Save an object that holds counts")
    obs = obs.reindex(cells)
    ident = slot(content, "ident")
    if ident is not None and len(ident) == len(obs) and "ident" not in obs:
        obs = obs.assign(ident=pd.Categorical(np.asarray(ident)))
    return Opened(obs, tuple(places), _reductions(named_list(slot(content, "dr")), cells, "cell.embeddings"))


def _assay_places(assay: Any, cells: pd.Index) -> tuple[Place, ...]:
    if slot(assay, "layers") is not None:  # Assay5
        return _version_5(assay, cells)
    var = slot(assay, "meta.features")
    about = table_frame(var) if isinstance(var, pd.DataFrame) else None
    matrices = [(place, slot(assay, key)) for key, place in _LAYER_NAMES.items()]
    return tuple(_place(place, [matrix], cells, about, None) for place, matrix in matrices if not is_empty(matrix))


def _version_5(assay: Any, cells: pd.Index) -> tuple[Place, ...]:
    """Layers without names of their own, and possibly split by sample: ``counts.1``, ``counts.2``."""
    layers = named_list(slot(assay, "layers"))
    places = []
    for key, name in _LAYER_NAMES.items():
        parts = [layer for layer in layers if layer == key or layer.startswith(f"{key}.")]
        parts = [layer for layer in parts if not is_empty(layers[layer])]
        if parts:
            names = [
                (_members(slot(assay, "cells"), layer), _members(slot(assay, "features"), layer)) for layer in parts
            ]
            places.append(_place(name, [layers[layer] for layer in parts], cells, None, names))
    return tuple(places)


def _members(log_map: Any, layer: str) -> pd.Index | None:
    """Names of the cells or features of a layer, from the logical matrix that Seurat 5 keeps for it."""
    values = slot(log_map, ".Data") if slot(log_map, ".Data") is not None else log_map
    if values is None or not hasattr(values, "coords"):
        return None
    rows = strings(values.coords[values.dims[0]].to_numpy())
    columns = strings(values.coords[values.dims[1]].to_numpy())
    if rows is None or columns is None or layer not in columns:
        return rows
    return rows[np.asarray(values)[:, columns.get_loc(layer)].astype(bool)]


def _place(
    name: str,
    matrices: list[Any],
    cells: pd.Index,
    about: pd.DataFrame | None,
    names: list[tuple[pd.Index | None, pd.Index | None]] | None,
) -> Place:
    """One place from the parts of a layer, its cells in the order of the object."""
    parts, found_cells, found_genes = [], [], []
    for position, matrix in enumerate(matrices):
        values, own_cells, own_genes = matrix_of(matrix)
        of_cells, of_genes = names[position] if names else (None, None)
        of_cells = own_cells if own_cells is not None else of_cells
        of_genes = own_genes if own_genes is not None else of_genes
        if of_cells is None and values.shape[0] == len(cells):
            of_cells = cells
        if of_cells is None or of_genes is None or values.shape != (len(of_cells), len(of_genes)):
            raise DataError(
                "The Seurat object does not name its cells and genes", name, "Save it again with a current Seurat"
            )
        parts.append(values)
        found_cells.append(of_cells)
        found_genes.append(of_genes)
    genes = pd.Index(pd.unique(np.concatenate([np.asarray(one) for one in found_genes])), dtype=object)
    joined = sparse.vstack([_spread_out(v, g, genes) for v, g in zip(parts, found_genes, strict=True)], format="csr")
    everyone = pd.Index(np.concatenate([np.asarray(one) for one in found_cells]), dtype=object)
    order = everyone.get_indexer(cells)
    if (order < 0).any():
        raise DataError(
            "Some cells of the Seurat object have no values", int((order < 0).sum()), "Join its layers in R and save it"
        )
    var = about if about is not None and about.index.equals(genes) else pd.DataFrame(index=genes)
    return in_memory(name, sparse.csr_matrix(joined)[order], var)


def _spread_out(values: CSR, own: pd.Index, genes: pd.Index) -> CSR:
    if own.equals(genes):
        return values
    columns = values.tocoo()
    place = genes.get_indexer(own)[columns.col]
    return sparse.csr_matrix((columns.data, (columns.row, place)), shape=(values.shape[0], len(genes)))


def _reductions(reductions: dict[str, Any], cells: pd.Index, key: str) -> dict[str, np.ndarray]:
    found = {}
    for name, reduction in reductions.items():
        coordinates = slot(reduction, key)
        if is_empty(coordinates):
            continue
        values, names = dense(coordinates)
        order = cells if names is None else names
        rows = order.get_indexer(cells)
        if len(values) == len(order) and (rows >= 0).all():
            found[f"X_{name}"] = values[rows]
    return found
