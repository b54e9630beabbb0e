"""Enrichment: gene sets over-represented among the genes that a unit moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import DataError
from core.interpretation.gene_sets import as_gene_sets

COLUMNS = ("gene_set", "overlap", "size", "odds_ratio", "p", "p_adjusted", "p_bonferroni", "genes")


def enrichment(
    chosen: Sequence[str], sets: Mapping[str, Sequence[str]], background: Sequence[str], *, min_genes: int = 5
) -> pd.DataFrame:
    """Over-representation of each gene set, one-sided hypergeometric test.

    Parameters
    ----------
    chosen
        Genes of interest; those outside the background do not count.
    sets
        Name to genes.
    background
        The genes of the network: only these could have been chosen.
    min_genes
        Sets with fewer genes in the background are not tested.

    Returns
    -------
    A table, most certain first: gene_set; overlap and size (genes in the background); odds_ratio; p; p_adjusted
    (Benjamini and Hochberg) and p_bonferroni over all tested sets, those without overlap included; genes, the
    overlapping ones joined by ";".

    Raises
    ------
    DataError
        If no chosen gene lies in the background, or no set has ``min_genes`` genes in it.

    Source: Cell Identity Codes, enrichment of the hundred genes that a unit changes most.
    """
    universe = dict.fromkeys(background)
    picked = [gene for gene in dict.fromkeys(chosen) if gene in universe]
    if not picked:
        raise DataError("None of the chosen genes is a gene of the network", list(chosen[:3]), "Choose others")
    within = {name: [gene for gene in genes if gene in universe] for name, genes in as_gene_sets(sets).items()}
    tested = {name: genes for name, genes in within.items() if len(genes) >= max(min_genes, 1)}
    if not tested:
        raise DataError(
            f"No gene set has {min_genes} genes among those of the network",
            list(background[:3]),
            "Check that data and gene sets use the same species and identifier (symbols, not Ensembl)",
        )
    found = _hypergeometric(picked, tested, list(universe))
    sizes = pd.Series({name: len(genes) for name, genes in tested.items()})
    table = found.reindex(sizes.index)
    table = table.assign(
        gene_set=table.index,
        size=sizes,
        overlap=table["overlap"].fillna(0).astype(int),
        p=table["p"].fillna(1.0),
        odds_ratio=table["odds_ratio"].fillna(0.0),
        genes=table["genes"].fillna(""),
    )
    table["p_adjusted"] = stats.false_discovery_control(table["p"].to_numpy())
    table["p_bonferroni"] = np.minimum(table["p"] * len(table), 1.0)
    order = np.lexsort((table["gene_set"].to_numpy(dtype=str), table["p"].to_numpy()))
    return table.iloc[order].loc[:, list(COLUMNS)].reset_index(drop=True)


def unit_enrichment(
    top: pd.DataFrame, sets: Mapping[str, Sequence[str]], background: Sequence[str], *, min_genes: int = 5
) -> pd.DataFrame:
    """Enrichment of every unit's top genes.

    Parameters
    ----------
    top
        unit, gene: from ``perturbation.top_genes``.
    sets, background, min_genes
        As in ``enrichment``.

    Returns
    -------
    The tables of all units below each other, with a first column ``unit``; p are adjusted within each unit.
    """
    tables = {
        unit: enrichment(of["gene"].tolist(), sets, background, min_genes=min_genes)
        for unit, of in top.groupby("unit", sort=False)
    }
    return pd.concat(tables, names=["unit", None]).reset_index(level="unit").reset_index(drop=True)


def unit_links(
    enriched: pd.DataFrame, *, level: float = 0.05, most: int = 5, column: str = "p_adjusted"
) -> pd.DataFrame:
    """Edges between units and the gene sets they are enriched for.

    Parameters
    ----------
    enriched
        From ``unit_enrichment``.
    level
        Largest adjusted p.
    most
        Strongest sets kept of each unit.
    column
        p_adjusted or p_bonferroni.

    Returns
    -------
    A table: unit, gene_set, overlap, strength (minus log10 of the adjusted p), units (how many units share the set).
    """
    ordered = enriched.iloc[np.argsort(enriched[column].to_numpy(), kind="stable")]
    kept = ordered[ordered[column] <= level].groupby("unit", sort=False).head(most)
    edges = kept.loc[:, ["unit", "gene_set", "overlap"]].assign(
        strength=-np.log10(kept[column].clip(lower=1e-300)),
        units=kept.groupby("gene_set")["unit"].transform("nunique"),
    )
    return edges.reset_index(drop=True)


def _hypergeometric(picked: list[str], tested: dict[str, list[str]], universe: list[str]) -> pd.DataFrame:
    """overlap, p, odds_ratio, genes of the sets with at least one picked gene, by set."""
    from gseapy import enrich

    if set(picked).isdisjoint(gene for genes in tested.values() for gene in genes):
        return pd.DataFrame({"overlap": [], "p": [], "odds_ratio": [], "genes": []}, dtype=object)
    sets: dict = tested  # gseapy's annotation allows text values only, its code takes lists
    found = pd.DataFrame(enrich(picked, sets, background=universe, outdir=None, no_plot=True, cutoff=1.0).results)
    return pd.DataFrame(
        {
            "overlap": found["Overlap"].str.split("/").str[0].astype(int).to_numpy(),
            "p": found["P-value"].to_numpy(dtype=float),
            "odds_ratio": found["Odds Ratio"].to_numpy(dtype=float),
            "genes": found["Genes"].to_numpy(),
        },
        index=found["Term"].to_numpy(),
    )
