"""A finished run's files, read back as tables; the pages and the figures start here."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core import keys
from core.errors import RunError
from core.results_file import column, names, part, row_sums
from core.results_pictures import Picture, own_pictures
from core.runs.run import Run

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from anndata import AnnData

ROW_NAMES = ("cell", "sample", "gene_set")
"""First columns that name rows."""
MOST_LEVELS = 12
TEXT = (
    *(*ROW_NAMES, "cell_type", "label_set_90", "label_set_95", "known", "called", "method", "swallowed_by", "gene"),
    *("level", "answer", "safe_level", "safe_label", "own_type", "cluster"),
    *(f"level_{number}{part}" for number in range(1, MOST_LEVELS + 1) for part in ("", "_set_90", "_set_95")),
)
"""Columns that hold names, even where every name is a number."""


class Results:
    """What a run found. Large parts are read when first asked for and must not be changed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._tables: dict[str, pd.DataFrame] = {}

    @cached_property
    def adata(self) -> AnnData:
        """``results.h5ad``: cells (or bulk samples) with everything under ``core.keys``.

        Raises
        ------
        RunError
            If the run has no results yet.
        """
        import anndata

        return anndata.read_h5ad(self._file())

    def table(self, name: str) -> pd.DataFrame:
        """``name``.csv of the run, its first column as index where it names rows.

        Raises
        ------
        RunError
            If the run did not write it.
        """
        import pandas as pd

        if name in self._tables:
            return self._tables[name]
        path = self.path(name)
        if not path.exists():
            raise RunError(f"This run has no {path.name}", self.run.name, "Choose a run of another kind")
        # a cell type may be called NA, so only an empty field is missing
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(TEXT, str))
        self._tables[name] = table.set_index(table.columns[0]) if table.columns[0] in ROW_NAMES else table
        return self._tables[name]

    def has(self, name: str) -> bool:
        """Whether the run wrote ``name``.csv."""
        return self.path(name).exists()

    def path(self, name: str) -> Path:
        return self.run.directory / f"{name}.csv"

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Cells x (their obs columns, and the pictures as input_x, input_y, code_x, code_y)."""
        cells = self.obs.copy()
        for name, key in (("input", keys.INPUT_UMAP), ("code", keys.CODE_UMAP)):
            if key in self._obsm:
                cells[f"{name}_x"], cells[f"{name}_y"] = self._part("obsm", key)[:, :2].T
        return cells

    @cached_property
    def obs(self) -> pd.DataFrame:
        """Cells x their columns, those of the file and those under ``core.keys``."""
        return cast("pd.DataFrame", self._part("obs"))

    def column(self, name: str) -> pd.Series:
        """One column of ``obs``."""
        return cast("pd.Series", self.obs[name])

    @property
    def label_column(self) -> str:
        """The obs column that names the cells' types: the predicted labels, else the run's own; empty without."""
        reference = self.run.spec.data.reference
        named = (keys.LABEL, reference.label_column if reference else None)
        return next((column for column in named if column and column in self.obs), "")

    @cached_property
    def genes(self) -> pd.Index:
        """Names of the genes that ``expression`` knows."""
        return cast("pd.DataFrame", self._part("var")).index

    @cached_property
    def code(self) -> pd.DataFrame:
        """Cells x code units, unit_1 onwards."""
        import pandas as pd

        values = self._part("obsm", keys.CODE)
        units = pd.Index([f"unit_{number + 1}" for number in range(values.shape[1])])
        return pd.DataFrame(values, self.obs.index, units)

    @cached_property
    def unit_sets(self) -> tuple[str, ...]:
        """Names of the gene sets that are the code units, in order; empty where the code is anything else."""
        if len(self.run.spec.network.hidden) > 1 or not self.has("gene_set_layer"):
            return ()
        return tuple(self.table("gene_set_layer")["gene_set"])

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        """Pictures of the cells by name: those that the run drew, then those that came with the file."""
        drawn = own_pictures(self.table("pictures") if self.has("pictures") else None, self._obsm)
        found = [Picture(title, made_from, axes, self._points(key)) for key, title, made_from, axes in drawn]
        return {picture.title: picture for picture in found}

    @cached_property
    def has_counts(self) -> bool:
        """Whether the file held raw counts, so that expression is ln(CP10K + 1)."""
        return keys.COUNTS in names(self._file(), "layers")

    @cached_property
    def counts(self) -> np.ndarray | None:
        """(n_cells,), raw counts of each cell; ``None`` where the file held none."""
        return row_sums(self._file(), f"layers/{keys.COUNTS}") if self.has_counts else None

    def colours(self, column: str) -> dict[str, str]:
        """The file's own colours of ``column``'s categories; empty where it has none."""
        key = keys.colours(column)
        values = self.obs.get(column)
        if key not in names(self._file(), "uns") or values is None or not hasattr(values, "cat"):
            return {}
        own = [str(colour) for colour in self._part("uns", key)]
        labels = [str(name) for name in values.cat.categories]
        return dict(zip(labels, own, strict=True)) if len(own) == len(labels) else {}

    def expression(self, gene: str) -> np.ndarray:
        """(n_cells,), log expression of one gene, ln(CP10K + 1) where ``has_counts``.

        Raises
        ------
        RunError
            If the gene is not in the data.
        """
        if gene not in self.genes:
            alike = [name for name in self.genes if str(name).lower() == gene.lower()]
            remedy = f"Did you mean {alike[0]}?" if alike else "Choose another; names are case-sensitive"
            raise RunError("This gene is not in the data", gene, remedy)
        return column(self._file(), "X", int(cast("int", self.genes.get_loc(gene))), len(self.obs))

    @cached_property
    def _obsm(self) -> dict[str, int]:
        return names(self._file(), "obsm")

    def _points(self, key: str) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(self._part("obsm", key)[:, :2], self.obs.index, pd.Index(["x", "y"]))

    def _part(self, *path: str) -> Any:
        return part(self._file(), "/".join(path))

    def _file(self) -> Path:
        if not self.run.results_path.exists():
            raise RunError("This run has no results yet", self.run.name, "Wait until it is finished, on the Runs page")
        return self.run.results_path
