"""Columns of ``obs`` as labels: as text, with what is missing left missing; and which columns look like labels."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from core.data.findings import Finding
from core.data.wording import counted, listed, quoted
from core.errors import DataError
from core.specs import Role, SourceSpec

MISSING = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>"})
"""Labels that say that there is none, in lower case."""
FEW_CELLS = 20
MOST_TYPES = 2000

_LABEL_NAMES = re.compile(
    r"^(cell[ _.-]?types?([ _.-]?(fine|coarse|main|l\d|level\d|label|ontology.*|\d))?|celltypes?.*|bulk_labels|labels?|"
    r"annotations?|cell[ _.-]?(labels?|annotations?|class|identity|ontology.*)|predicted[._ ]?(id|labels?|celltype).*|"
    r"majority_voting|"
    r"(seurat_|manual_|final_|author_|broad_|major_)?(annotations?|cell_?types?|labels?|clusters?)|type|class|tissue|ident|"
    r"cluster_id|cluster_?names?|clusters?|louvain.*|leiden.*|res\.[\d.]+|rna_snn_res.*|groups?)$",
    re.IGNORECASE,
)
_LABEL_ORDER = (
    "cell",
    "bulk_labels",
    "annotation",
    "label",
    "type",
    "class",
    "tissue",
    "predicted",
    "ident",
    "cluster",
)
_BATCH_NAMES = re.compile(
    r"^(batch(es|[ _.-]?id)?|donors?([ _.-]?id)?|samples?([ _.-]?id)?|orig\.ident|tech(nology)?|platform|assay|"
    r"protocol|library([ _.-]?id)?|patients?([ _.-]?id)?|individual|dataset|study|lane|replicate|chemistry)$",
    re.IGNORECASE,
)


def as_labels(column: pd.Series) -> pd.Series:
    """A column as a categorical of text; whole numbers lose their ".0", and words such as "NA" become missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = [_text(value) for value in column.cat.categories]
        values = np.array([*names, None], dtype=object)[column.cat.codes.to_numpy()]
        order = list(dict.fromkeys(name for name in names if name is not None))
    else:
        codes, uniques = pd.factorize(column)
        names = [_text(value) for value in uniques]
        values = np.array([*names, None], dtype=object)[codes]
        order = sorted({name for name in names if name is not None}, key=_natural)
    used = set(values)
    categories = pd.Categorical(values, categories=[name for name in order if name in used])
    return pd.Series(categories, index=column.index, name=column.name)


def label_columns(obs: pd.DataFrame) -> list[str]:
    """Columns that look like cell types by name and by content, the likeliest first."""
    named = [name for name in map(str, obs.columns) if _LABEL_NAMES.match(name) and _groups_cells(pd.Series(obs[name]))]

    def rank(name: str) -> int:
        lower = name.lower()
        return next((place for place, start in enumerate(_LABEL_ORDER) if lower.startswith(start)), len(_LABEL_ORDER))

    return sorted(named, key=rank)


def batch_columns(obs: pd.DataFrame) -> list[str]:
    """Columns that look like batches and name more than one."""
    names = [name for name in map(str, obs.columns) if _BATCH_NAMES.match(name) and _groups_cells(pd.Series(obs[name]))]
    return sorted(names, key=lambda name: not name.lower().startswith("batch"))


def require_column(obs: pd.DataFrame, column: str | None, role: Role, meaning: str) -> None:
    """Refuse the name of a column that is not there.

    Raises
    ------
    DataError
        If ``column`` is given but not in ``obs``.
    """
    if column is None or column in obs.columns:
        return
    columns = list(obs.columns)
    remedy = f"Choose one of: {quoted(columns, 30)}" if columns else "The file describes no cells: bring one that does"
    raise DataError(f"The {role} has no column for the {meaning} by this name", column, remedy)


def require_groups(obs: pd.DataFrame, column: str) -> pd.Series:
    """The labels in ``obs[column]``.

    Raises
    ------
    DataError
        If nearly every cell has a label of its own, or no cell has one.
    """
    labels = as_labels(pd.Series(obs[column]))
    n_types, n_cells = len(labels.cat.categories), int(labels.notna().sum())
    if n_types == 0:
        raise DataError(f"The column {column} is empty", None, "Choose a column that names the cell type of each cell")
    if n_types > MOST_TYPES or (n_types > 50 and n_cells < 5 * n_types):
        raise DataError(
            f"The column {column} holds too many different labels to be cell types",
            f"{n_types:,} labels for {n_cells:,} cells",
            "Choose a column that names groups of cells",
        )
    return labels


def label_findings(labels: pd.Series, role: Role) -> list[Finding]:
    """Missing labels and types with few cells."""
    found = []
    setting = f"data.{role}.label_column"
    missing = int(labels.isna().sum())
    if missing:
        done = "They are left out of the reference." if role == "reference" else "They are kept."
        found.append(
            Finding(
                "note",
                role,
                f"{counted(missing, 'cell has', 'cells have')} no label in `{labels.name}`. {done}",
                "Choose another column",
                "missing_labels",
                setting,
            )
        )
    sizes = labels.value_counts()
    if len(sizes) == 1 and role == "reference":
        what = f"All cells carry the same label, {sizes.index[0]}. At least two are needed to tell types apart."
        found.append(Finding("choose", role, what, "Choose another column", "one_type", setting))
    few = pd.Series(sizes[sizes < FEW_CELLS]).sort_index()
    if len(few) and role == "reference":
        if len(few) == 1:
            what = f"{few.index[0]} has {counted(int(few.iloc[0]), 'cell')}."
        else:
            each = listed([f"{name} {n:,}" for name, n in few.items()])
            what = f"{len(few)} types have few cells: {each}."
        found.append(
            Finding(
                "choose",
                role,
                f"{what} Types with fewer than {FEW_CELLS} cells are hard to learn.",
                "Keep it or merge it" if len(few) == 1 else "Keep them or merge them",
                "few_cells",
                "data.quality.min_label_cells",
                str(FEW_CELLS),
                tuple(map(str, few.index)),
            )
        )
    return found


def column_findings(obs: pd.DataFrame, source: SourceSpec, role: Role) -> list[Finding]:
    """Columns that could be the cell type or the batch, where none was chosen."""
    found = []
    likely = label_columns(obs)
    if role == "reference" and source.label_column is None:
        if likely:
            what = f"{quoted(likely)} {'looks' if len(likely) == 1 else 'look'} like cell types."
            setting, value, remedy = f"data.{role}.label_column", likely[0], f"Use `{likely[0]}`"
            found.append(Finding("choose", role, what, remedy, "label_column", setting, value))
        else:
            what = "No column looks like cell types."
            remedy = "Choose a column" if len(obs.columns) else "Bring a file with labels to annotate or deconvolve"
            found.append(Finding("note", role, what, remedy, "label_column", f"data.{role}.label_column"))
    batches = [name for name in batch_columns(obs) if name != source.label_column]
    if role != "bulk" and source.batch_column is None and batches:
        n = len(as_labels(pd.Series(obs[batches[0]])).cat.categories)
        what = f"The column `{batches[0]}` names {counted(n, 'group')} that may be batches."
        setting = f"data.{role}.batch_column"
        found.append(Finding("choose", role, what, f"Use `{batches[0]}`", "batch_column", setting, batches[0]))
    return found


def _groups_cells(column: pd.Series) -> bool:
    if pd.api.types.is_float_dtype(column) and not np.equal(np.mod(column.dropna(), 1), 0).all():
        return False
    n_values = column.nunique()
    return 2 <= n_values <= max(2, len(column) // 3, min(20, len(column) - 1))


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    text = str(value).strip()
    return None if text.lower() in MISSING else text


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]
