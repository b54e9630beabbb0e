"""Which files are read, what their columns mean, which cells are kept and how values are scaled."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs.base import Spec

Role = Literal["reference", "query", "bulk"]
OnDisk = Literal["auto", "always", "never"]
ROLES: tuple[Role, ...] = ("reference", "query", "bulk")


class SourceSpec(Spec):
    """One file and what its parts mean. ``auto`` means: look, and say what was found."""

    path: str = Field(title="File", description="A file or folder on this machine.")
    counts: str = Field(
        default="auto",
        title="Counts",
        description="Where the values lie: auto, X, raw, or layers/NAME of an AnnData file.",
    )
    unit: Literal["auto", "counts", "log1p_cp10k", "log1p", "log2", "cpm", "tpm", "linear", "values"] = Field(
        default="auto",
        title="Unit",
        description="What the values are. log1p_cp10k is turned back into counts exactly; linear stands for FPKM, "
        "intensities and the like, scaled by each cell's total; values are used as they are.",
    )
    orientation: Literal["auto", "cells_in_rows", "genes_in_rows"] = Field(
        default="auto", title="Rows are", description="For tables: whether a row is a cell (or sample) or a gene."
    )
    gene_column: str | None = Field(
        default=None, title="Gene names", description="Column of var that holds gene symbols; empty for the index."
    )
    label_column: str | None = Field(
        default=None, title="Cell type", description="Column of obs that holds the labels."
    )
    batch_column: str | None = Field(default=None, title="Batch", description="Column of obs that holds the batch.")
    fingerprint: str = Field(
        default="", title="Fingerprint", description="Hash of the file's content when it was read."
    )


class QualitySpec(Spec):
    """Which cells and genes are kept. The defaults keep everything that holds at least one count."""

    min_counts: int = Field(
        default=1, ge=0, title="Counts per cell, at least", description="Cells below this are left out."
    )
    max_counts: int | None = Field(
        default=None,
        ge=1,
        title="Counts per cell, at most",
        description="Cells above this may be two cells in one droplet.",
    )
    min_genes: int = Field(
        default=0, ge=0, title="Genes per cell, at least", description="Genes with at least one count."
    )
    max_mitochondrial: float = Field(
        default=100.0,
        ge=0,
        le=100,
        title="Mitochondrial share, at most",
        description="Share of a cell's counts in mitochondrial genes; a high share marks a damaged cell.",
        json_schema_extra={"unit": "%", "step": 0.5},
    )
    min_cells: int = Field(
        default=1, ge=0, title="Cells per gene, at least", description="Genes seen in fewer are left out."
    )
    min_label_cells: int = Field(
        default=2,
        ge=1,
        title="Cells per type, at least",
        description="Cell types with fewer reference cells are left out.",
    )


class TransformSpec(Spec):
    """How counts become the network's input. Statistics are learned from the training cells and kept in the model."""

    normalise: Literal["none", "log1p_cp10k", "log2_cpm"] = Field(
        default="log1p_cp10k",
        title="Normalise",
        description="none: raw counts. log1p_cp10k: each cell scaled to 10,000 counts, then log(1 + x). "
        "log2_cpm: a pseudo-count of 1, scaled to a million, then log2(1 + x).",
    )
    scale: Literal["none", "centre", "zscore", "minmax"] = Field(
        default="none", title="Scale each gene", description="With statistics of the training cells."
    )
    clip: float | None = Field(
        default=None, gt=0, title="Clip at", description="Largest absolute value after scaling; empty for no limit."
    )
    components: int | None = Field(
        default=None,
        ge=2,
        le=200,
        title="Principal components",
        description="Feed components in place of genes; empty: genes.",
    )


class DataSpec(Spec):
    """All that a run reads."""

    reference: SourceSpec | None = Field(default=None, title="Reference", description="Cells with known labels.")
    more_references: tuple[SourceSpec, ...] = Field(
        default=(), title="More references", description="Further labelled cells, used together with the reference."
    )
    types: str | None = Field(
        default=None,
        title="Common cell types",
        description="A CSV reference, label, cell_type that gives labels of several references common names.",
    )
    query: SourceSpec | None = Field(default=None, title="Query", description="Cells to be labelled.")
    bulk: SourceSpec | None = Field(default=None, title="Bulk", description="Samples to be taken apart.")
    gene_sets: str | None = Field(default=None, title="Gene sets", description="A GMT file.")
    truth: str | None = Field(
        default=None,
        title="Measured proportions",
        description="A table of samples x cell types, to compare bulk results with.",
    )
    on_disk: OnDisk = Field(
        default="auto",
        title="Read from disk",
        description="auto: cells are read from disk in blocks where memory does not hold them. always: in any case. "
        "never: all of them are read into memory. Needs an h5ad with its values stored by rows, or a 10x h5; the "
        "values are kept in the workspace's cache.",
    )
    quality: QualitySpec = Field(default_factory=QualitySpec)
    transform: TransformSpec = Field(default_factory=TransformSpec)
