"""One gene under two names: identifiers of one file turned into those of another, by a table that names both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.data.dataset import Dataset
from core.data.findings import Finding
from core.data.genes import gene_names, renamed, without_version
from core.data.normalise import values_of
from core.data.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMED = "identifiers"
"""Key of the finding that tells how identifiers were named."""
TRANSLATED = ("symbol", "ensembl", "entrez")
"""Kinds of names that a gene may have beside its own."""
LEAST = 0.05
"""Share of a file's genes that a column must name to be believed."""


def named_alike(reference: Dataset, other: Dataset) -> tuple[Dataset, Finding | None]:
    """``other`` with the gene names of ``reference``, where the two share none and a column of either names both.

    Genes that come to one name are merged as `resolve_genes` merges them; those that the column does not name keep
    theirs.

    Returns
    -------
    ``other``, and what was done; ``other`` itself and None where names agree already or nothing translates them.
    """
    if reference.holds_peaks or other.holds_peaks or reference.genes.isin(other.genes).any():
        return other, None
    if gene_names(reference.genes).kind == gene_names(other.genes).kind:
        return other, None
    for owner, column, names in _translations(reference, other):
        known = [gene for gene in without_version(other.genes) if names.get(gene) in reference.genes]
        if len(known) < LEAST * other.n_genes:
            continue
        new, merged = with_names(other, names)
        shared = int(reference.genes.isin(new.genes).sum())
        said = (
            f"Gene names differ from those of the reference; the column `{column}` of the {owner} names "
            f"{counted(shared, 'gene')} in both ways, and they are read so.{merged}"
        )
        return new, Finding("note", other.role, said, "Nothing to do", NAMED)
    return other, None


def other_names(dataset: Dataset) -> list[str]:
    """(n_genes,) names of another kind that a column of the file gives to its genes; empty where none does."""
    var, own = pd.DataFrame(dataset.adata.var), gene_names(dataset.genes).kind
    for column in var.columns:
        texts = var[column].fillna("").astype(str)
        kind = gene_names(texts[texts != ""]).kind
        if kind != own and kind in TRANSLATED and texts.nunique() > LEAST * len(var):
            return without_version(texts)
    return []


def named_by(dataset: Dataset, genes: Sequence[str], others: Sequence[str]) -> Dataset:
    """``dataset`` with the names ``genes`` where it has none of them but some of ``others``, their other names."""
    names = dict(zip(others, genes, strict=False))
    if dataset.genes.isin(list(genes)).any() or not any(gene in names for gene in without_version(dataset.genes)):
        return dataset
    return with_names(dataset, names)[0]


def with_names(dataset: Dataset, names: Mapping[str, str]) -> tuple[Dataset, str]:
    """``dataset`` with its genes named by ``names``, and a sentence about genes that were merged."""
    import anndata

    new = [names.get(gene, gene) for gene in without_version(dataset.genes)]
    matrix, var, how = renamed(values_of(dataset), pd.DataFrame(dataset.adata.var), new, dataset.unit)
    given: Any = dataset.adata
    if dataset.blocks is not None:
        adata = anndata.AnnData(None, given.obs.copy(), var, obsm=dict(given.obsm), uns=dict(given.uns))
        return replace(dataset, adata=adata, blocks=matrix), how
    adata = anndata.AnnData(matrix, given.obs.copy(), var, obsm=dict(given.obsm), uns=dict(given.uns))
    return replace(dataset, adata=adata), how


def _translations(reference: Dataset, other: Dataset) -> Iterable[tuple[str, str, dict[str, str]]]:
    """Owner, column, and name of the other's gene -> name of the reference's, for every column that may name both."""
    for dataset, forward in ((reference, True), (other, False)):
        var = pd.DataFrame(dataset.adata.var)
        for column in var.columns:
            texts = var[column].dropna().astype(str)
            if texts.nunique() < LEAST * len(var):
                continue
            index, values = texts.index.astype(str), without_version(texts)
            pairs = zip(values, index, strict=True) if forward else zip(without_version(index), texts, strict=True)
            yield dataset.role, str(column), {str(theirs): str(ours) for theirs, ours in pairs}
