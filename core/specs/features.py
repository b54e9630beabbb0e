"""Which genes the network sees."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from core.errors import SpecError
from core.specs.base import Spec

Rule = Literal[
    "all",
    "variable",
    "variable_and_markers",
    "common_variable",
    "markers_in_variable",
    "markers_in_query",
    "gene_sets",
    "specific_markers",
    "digital_sorter",
    "own_list",
]
PeakScore = Literal["variable", "top"]

RULE_TITLES: dict[str, str] = {
    "all": "All shared genes",
    "variable": "Most variable in the reference",
    "variable_and_markers": "Variable genes and markers of each type",
    "common_variable": "Rule A: variable in both sets",
    "markers_in_variable": "Rule B: markers among the query's variable genes",
    "markers_in_query": "Rule C: markers present in the query",
    "gene_sets": "Genes of the gene-set file",
    "specific_markers": "Genes specific to one type",
    "digital_sorter": "digitalDLSorteR's filters",
    "own_list": "My own gene list",
}


class FeatureSpec(Spec):
    """How genes are chosen."""

    rule: Rule = Field(default="variable", title="Rule", description="How the genes are found.")
    target: int = Field(
        default=2000, ge=10, le=50_000, title="Target, genes", description="The search stops once reached."
    )
    first: int | None = Field(
        default=None,
        ge=1,
        title="First step",
        description="Features taken from each set in the first round; empty: the rule's own.",
    )
    step: int | None = Field(
        default=None, ge=1, title="Grow by", description="Features added in each further round; empty: the rule's own."
    )
    peak_score: PeakScore = Field(
        default="variable",
        title="Rank peaks by",
        description="For peaks only. variable: those seen in about half of the cells come first. top: those with most "
        "counts.",
    )
    markers_per_label: int = Field(
        default=60,
        ge=0,
        le=2000,
        title="Markers per type",
        description="Marker genes kept for each cell type, where used.",
    )
    min_cell_share: float = Field(
        default=0.0,
        ge=0,
        le=50,
        title="Smallest share of cells",
        description="Genes seen in a smaller share of the reference cells are left out.",
        json_schema_extra={"unit": "%", "step": 0.1},
    )
    drop_mitochondrial: bool = Field(
        default=False,
        title="Leave out mitochondrial genes",
        description="Names that begin MT-. digitalDLSorteR's filters leave them out in any case.",
    )
    mitochondrial_names: str = Field(
        default=r"^MT[-.]",
        title="Names of mitochondrial genes",
        description="Pattern (a regular expression), upper and lower case alike. Empty: none is left out.",
    )
    drop_ribosomal: bool = Field(
        default=False, title="Leave out ribosomal genes", description="Names that begin RPS or RPL."
    )
    keep_markers: bool = Field(
        default=False,
        title="Always keep marker genes",
        description="Adds the top markers of each type to the genes found.",
    )
    bulk_alone: int = Field(
        default=0,
        ge=0,
        le=5000,
        title="Genes of the bulk alone",
        description="Adds so many genes that bulk samples show half again as strongly as any type of the "
        "reference: where a type is unknown, its genes are among them.",
    )
    own_list: tuple[str, ...] = Field(default=(), title="My own gene list", description="Gene symbols, one per line.")
    min_count: int = Field(
        default=1,
        ge=0,
        title="Counts in a cell, more than",
        description="digitalDLSorteR's filters: what a gene must exceed to count as seen in a cell.",
    )
    min_cells: int = Field(
        default=1,
        ge=1,
        title="Cells, at least",
        description="digitalDLSorteR's filters: reference cells that a gene must be seen in.",
    )
    bulk_min_count: int = Field(
        default=1,
        ge=0,
        title="Value in a sample, more than",
        description="digitalDLSorteR's filters: what a gene must exceed to count as seen in a bulk sample.",
    )
    bulk_min_samples: int = Field(
        default=1,
        ge=1,
        title="Samples, at least",
        description="digitalDLSorteR's filters: bulk samples that a gene must be seen in.",
    )
    cluster_filter: bool = Field(
        default=True,
        title="Keep only genes that mark a type",
        description="digitalDLSorteR's filters: off, all genes seen and shared go on to the most variable ones.",
    )
    cluster_min_mean: float = Field(
        default=1.0,
        ge=0,
        title="Mean count in a type, more than",
        description="digitalDLSorteR's filters: in one type at least, over the cells that show the gene.",
    )
    fold_change: float | None = Field(
        default=0.5,
        ge=0,
        title="Log2 fold change, at least",
        description="digitalDLSorteR's filters: of a type's mean over the mean of all types. Empty: no such filter.",
    )

    @field_validator("mitochondrial_names")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise SpecError(
                "features.mitochondrial_names is no regular expression", value, f"Mend it: {error}; or use ^MT-"
            ) from None
        return value
