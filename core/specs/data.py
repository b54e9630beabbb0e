"""Which files are read, what their columns mean, which cells are kept and how values are scaled."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.base import Spec
from core.specs.model_source import ModelSourceSpec

Role = Literal["reference", "query", "bulk", "bridge"]
OnDisk = Literal["auto", "always", "never"]
FEWEST_LSI = 3
PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")
"""Endings that stand behind the file's own."""
ROLES: tuple[Role, ...] = ("reference", "query", "bulk")
"""Sets with one kind of feature. A bridge has two, and is read part by part."""


class SourceSpec(Spec):
    """One file and what its parts mean. ``auto`` means: look, and say what was found."""

    path: str = Field(title="File", description="A file or folder on this machine.")
    name: str = Field(
        default="",
        title="Name",
        description="What the file is called where several of its kind are used; empty for the file's own name.",
    )
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
    gene_table: str | None = Field(
        default=None,
        title="Table of gene names",
        description="A table whose first two columns are identifiers and the names that stand for them.",
    )
    label_column: str | None = Field(
        default=None, title="Cell type", description="Column of obs that holds the labels."
    )
    coarser_columns: tuple[str, ...] = Field(
        default=(),
        title="Coarser labels",
        description="Columns of obs with labels above the cell type, coarse to fine; each label needs one parent.",
    )
    batch_column: str | None = Field(default=None, title="Batch", description="Column of obs that holds the batch.")
    modality: str = Field(
        default="auto",
        title="Part of the file",
        description="Of a file that holds several kinds of feature, such as h5mu or 10x multiome: the part to use. "
        "auto: gene expression where there is any, else the only one.",
    )
    fingerprint: str = Field(
        default="", title="Fingerprint", description="Hash of the file's content when it was read."
    )

    @property
    def called(self) -> str:
        """The name given, else the file's name without its ending."""
        if self.name:
            return self.name
        file = PurePath(self.path)
        return PurePath(file.stem).stem if file.suffix.lower() in PACKED else file.stem

    @model_validator(mode="after")
    def _coarser_labels_lie_above(self) -> SourceSpec:
        named = [*self.coarser_columns, self.label_column]
        if self.coarser_columns and self.label_column is None:
            raise SpecError("Coarser labels need labels below them", list(self.coarser_columns), "Give label_column")
        if self.coarser_columns and len(set(named)) < len(named):
            raise SpecError("A column can be one level of labels only", named, "Name each column once")
        return self


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

    normalise: Literal["none", "log1p_cp10k", "log2_cpm", "log2", "tfidf"] = Field(
        default="log1p_cp10k",
        title="Normalise",
        description="none: raw counts. log1p_cp10k: each cell scaled to 10,000 counts, then log(1 + x). "
        "log2_cpm: a pseudo-count of 1, scaled to a million, then log2(1 + x). log2: log2(1 + x) of the values as they "
        "are. tfidf: for peaks; the share of each "
        "cell's counts, times how rare the peak is, times 10,000, then log(1 + x).",
    )
    scale: Literal["none", "centre", "zscore", "minmax", "sample_minmax"] = Field(
        default="none",
        title="Scale each gene",
        description="With statistics of the training cells. sample_minmax: each cell or sample by its own smallest and "
        "largest value, to 0 to 1.",
    )
    clip: float | None = Field(
        default=None, gt=0, title="Clip at", description="Largest absolute value after scaling; empty for no limit."
    )
    components: int | None = Field(
        default=None,
        ge=2,
        le=200,
        title="Components",
        description="Feed components in place of genes; empty: genes. Principal components, or behind tfidf latent "
        "semantic indexing, whose first component follows a cell's depth and is dropped: 50 leaves 2 to 50.",
    )

    @property
    def n_components(self) -> int | None:
        """Components that the network sees; ``None`` where it sees genes or peaks."""
        if self.components is None:
            return None
        return self.components - 1 if self.normalise == "tfidf" else self.components

    @model_validator(mode="after")
    def _tfidf_stands_alone(self) -> TransformSpec:
        if self.normalise != "tfidf":
            return self
        if self.scale != "none":
            raise SpecError(
                "TF-IDF keeps zeros, and its components are scaled already",
                f"data.transform.scale {self.scale}",
                "Set data.transform.scale to none",
            )
        if self.clip is not None:
            raise SpecError(
                "TF-IDF is a logarithm and has no limit to cut off at",
                f"data.transform.clip {self.clip:g}",
                "Leave data.transform.clip empty",
            )
        if self.components is not None and self.components < FEWEST_LSI:
            raise SpecError(
                "The first component behind tfidf is dropped, so one would be left",
                self.components,
                f"Set data.transform.components to {FEWEST_LSI} or more",
            )
        return self


class PeakSpec(Spec):
    """Which peaks of an ATAC data set are used; those of several sets that overlap or touch become one."""

    min_width: int = Field(
        default=20,
        ge=1,
        title="Narrowest peak",
        description="Peaks of fewer bases are left out.",
        json_schema_extra={"unit": "bp"},
    )
    max_width: int = Field(
        default=10_000,
        ge=1,
        title="Widest peak",
        description="Peaks of more bases are left out.",
        json_schema_extra={"unit": "bp"},
    )
    standard_chromosomes: bool = Field(
        default=False,
        title="Standard chromosomes only",
        description="Leaves out scaffolds, alternative loci and the mitochondrial genome.",
    )

    @model_validator(mode="after")
    def _widths_in_order(self) -> PeakSpec:
        if self.min_width > self.max_width:
            raise SpecError(
                "The narrowest peak is wider than the widest",
                f"{self.min_width:,} and {self.max_width:,} bases",
                "Set data.peaks.min_width below data.peaks.max_width",
            )
        return self


class BridgeSourceSpec(Spec):
    """A multiome file: expression and peaks of the same cells, which lead from an RNA reference to a query of peaks."""

    path: str = Field(title="File", description="An h5mu or a 10x multiome h5 with expression and peaks.")
    expression: str = Field(
        default="auto", title="Expression is", description="Name of the part with genes; auto: the one that looks so."
    )
    accessibility: str = Field(
        default="auto", title="Peaks are", description="Name of the part with peaks; auto: the one that looks so."
    )
    fingerprint: str = Field(
        default="", title="Fingerprint", description="Hash of the file's content when it was read."
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
    bridge: BridgeSourceSpec | None = Field(
        default=None,
        title="Bridge",
        description="Multiome cells that lead from a reference of RNA to a query of peaks.",
    )
    model: ModelSourceSpec | None = Field(
        default=None,
        title="Trained model",
        description="Used on the query or the bulk samples in place of what would be learned; nothing is trained.",
    )
    bulk: SourceSpec | None = Field(default=None, title="Bulk", description="Samples to be taken apart.")
    more_bulk: tuple[SourceSpec, ...] = Field(
        default=(), title="More cohorts", description="Further bulk files, taken apart by the same networks."
    )
    gene_sets: str | None = Field(default=None, title="Gene sets", description="A GMT file.")
    truth: str | None = Field(
        default=None,
        title="Measured proportions",
        description="A table of samples x cell types, to compare bulk results with.",
    )
    samples: str | None = Field(
        default=None,
        title="Sample sheet",
        description="A table of bulk samples x what is known of them, such as group, age or batch.",
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
    peaks: PeakSpec = Field(default_factory=PeakSpec)

    def without(self, *names: str) -> DataSpec:
        """The same data with the parts ``names`` as if they had never been named."""
        return self.model_copy(update={name: type(self).model_fields[name].get_default() for name in names})
