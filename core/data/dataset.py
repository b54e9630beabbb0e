"""A data set as the rest of CellDesk sees it: values, what they are, and what was found on the way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import Blocks
from core.data.findings import ValidationReport
from core.data.labels import as_labels
from core.data.peaks import are_peaks
from core.data.units import Unit
from core.data.wording import quoted
from core.errors import DataError
from core.specs import Role, SourceSpec

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True)
class Dataset:
    """Cells or bulk samples, read and checked. The AnnData inside is never edited in place.

    Parameters
    ----------
    adata
        ``X`` is CSR float32, cells x genes: raw counts where ``unit`` is ``counts``, else the values as read;
        ``var_names`` are unique; all columns of ``obs``, all of ``obsm`` and the colours in ``uns`` are the file's own.
        ``X`` is ``None`` where the values are in ``blocks``.
    role
        What the set is used as.
    unit
        What the values are. Bulk values are always linear.
    label_column
        Column of ``obs`` that holds the labels, if one was chosen.
    batch_column
        Column of ``obs`` that holds the batch, if one was chosen.
    fingerprint
        Hash of the file's content.
    source
        The settings it was read with.
    report
        What was found.
    places
        Where the file holds values: ``X``, ``raw``, ``layers/NAME``.
    blocks
        The values, cells x genes, where they are read from disk in blocks; ``None`` where they are in ``adata``.
    modalities, modality
        Of a file with several kinds of feature: the names of its parts, and the one that was read.
    """

    adata: AnnData
    role: Role
    unit: Unit
    label_column: str | None
    batch_column: str | None
    fingerprint: str
    source: SourceSpec
    report: ValidationReport
    places: tuple[str, ...] = ("X",)
    blocks: Blocks | None = None
    modalities: tuple[str, ...] = ()
    modality: str = ""

    @property
    def n_cells(self) -> int:
        return self.adata.n_obs

    @property
    def n_genes(self) -> int:
        return self.adata.n_vars

    @property
    def genes(self) -> pd.Index:
        return self.adata.var_names

    @cached_property
    def holds_peaks(self) -> bool:
        """Whether the features are peaks, stretches of the genome, and not genes."""
        return are_peaks(self.genes)

    @property
    def labels(self) -> pd.Series:
        """The label of each cell as a categorical of text; missing where the file has none.

        Raises
        ------
        DataError
            If no label column was chosen.
        """
        if self.label_column is None:
            raise DataError(
                f"The {self.role} has no labels",
                self.source.path,
                f"Choose the column that names the cell types; there are {quoted(list(self.adata.obs.columns))}"
                if len(self.adata.obs.columns)
                else "Bring a file that names the cell type of each cell",
            )
        return as_labels(pd.Series(self.adata.obs[self.label_column]))

    @property
    def batches(self) -> pd.Series | None:
        """The batch of each cell as a categorical of text, if a batch column was chosen."""
        return None if self.batch_column is None else as_labels(pd.Series(self.adata.obs[self.batch_column]))

    def subset(self, cells: np.ndarray | None = None, genes: Sequence[str] | None = None) -> Dataset:
        """A new data set of some cells and genes, in the order given.

        Parameters
        ----------
        cells
            (n_cells,) mask, or row numbers; all when not given.
        genes
            Gene names; all when not given.

        Raises
        ------
        DataError
            If a gene is not in the data set.
        """
        part, blocks = self.adata, self.blocks
        if genes is not None:
            columns = self.genes.get_indexer(list(genes))
            if (columns < 0).any():
                absent = [gene for gene, column in zip(genes, columns, strict=True) if column < 0]
                raise DataError(
                    f"The {self.role} lacks {len(absent):,} of the genes asked for",
                    absent[:5],
                    "Choose genes that are in the data",
                )
            part, blocks = part[:, columns], blocks and blocks.columns(columns)
        if cells is not None:
            part, blocks = part[np.asarray(cells)], blocks and blocks[np.asarray(cells)]
        return replace(self, adata=part.copy(), blocks=blocks)
