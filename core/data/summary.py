"""A data set in a few plain numbers, for screens that never load it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.blocks import row_totals
from core.data.dataset import Dataset
from core.data.genes import gene_names
from core.data.labels import as_labels
from core.data.normalise import values_of

BINS = 40
TOP_VALUES = 20
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


def summary(dataset: Dataset) -> dict[str, Any]:
    """What the Data page shows, JSON-able.

    Returns
    -------
    ``file, bytes, fingerprint, role, n_cells, n_genes, n_types, unit, label_column, batch_column, gene_kind, species,
    places, modalities, modality, var_columns, obsm``; ``columns``: one ``{name, values, kind, top}`` for each column of
    ``obs``; ``label_counts``: cells of each type; ``colours`` of the types, if the file has them; ``depth``: ``edges``
    of a histogram of the total of each cell, in ``unit``, and for each batch its ``counts`` and ``quantiles``.
    """
    path = Path(dataset.source.path).expanduser()
    names = gene_names(dataset.genes)
    labels = dataset.labels if dataset.label_column is not None else None
    sizes = {} if labels is None else {str(name): int(n) for name, n in labels.value_counts().items()}
    return {
        "file": path.name,
        "bytes": _bytes(path),
        "fingerprint": dataset.fingerprint,
        "role": dataset.role,
        "n_cells": dataset.n_cells,
        "n_genes": dataset.n_genes,
        "n_types": len(sizes),
        "unit": dataset.unit,
        "label_column": dataset.label_column,
        "batch_column": dataset.batch_column,
        "gene_kind": names.kind,
        "species": names.species,
        "places": list(dataset.places),
        "modalities": list(dataset.modalities),
        "modality": dataset.modality,
        "var_columns": [str(column) for column in dataset.adata.var.columns],
        "obsm": list(dataset.adata.obsm),
        "columns": [_column(pd.Series(dataset.adata.obs[name])) for name in dataset.adata.obs.columns],
        "label_counts": sizes,
        "colours": _colours(dataset),
        "depth": _depth(dataset),
    }


def _bytes(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0


def _column(column: pd.Series) -> dict[str, Any]:
    n_values = int(column.nunique())
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    kind = (
        "number" if number and n_values > TOP_VALUES else "names" if n_values > 0.9 * len(column) > 10 else "categories"
    )
    described: dict[str, Any] = {
        "name": str(column.name),
        "values": n_values,
        "kind": kind,
        "missing": int(column.isna().sum()),
    }
    if kind == "categories":
        described["top"] = {
            str(name): int(n) for name, n in as_labels(column).value_counts().head(TOP_VALUES).items() if n
        }
    elif kind == "number":
        described["range"] = [float(column.min()), float(column.max())]
    return described


def _colours(dataset: Dataset) -> dict[str, str]:
    if dataset.label_column is None:
        return {}
    column = dataset.adata.obs[dataset.label_column]
    colours = dataset.adata.uns.get(f"{dataset.label_column}_colors", [])
    if not isinstance(column.dtype, pd.CategoricalDtype) or len(colours) != len(column.cat.categories):
        return {}
    return {str(name): str(colour) for name, colour in zip(column.cat.categories, colours, strict=True)}


def _depth(dataset: Dataset) -> dict[str, Any]:
    totals = row_totals(values_of(dataset))
    top = float(np.quantile(totals, 0.995))
    low = min(0.0, float(totals.min()))
    edges = np.linspace(low, top if top > low else low + 1, BINS + 1)
    batches = dataset.batches
    groups = {"all": np.ones(len(totals), dtype=bool)}
    if batches is not None:
        groups = {str(name): (batches == name).to_numpy() for name in batches.cat.categories}
    described = {}
    for name, rows in groups.items():
        counts, _ = np.histogram(np.clip(totals[rows], edges[0], edges[-1]), edges)
        quantiles = np.quantile(totals[rows], QUANTILES)
        described[name] = {"counts": counts.tolist(), "quantiles": [float(one) for one in quantiles]}
    return {"edges": edges.tolist(), "unit": dataset.unit, "batches": described}
