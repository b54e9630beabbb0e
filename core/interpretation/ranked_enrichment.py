"""Ranked enrichment (GSEA): gene sets whose genes gather at one end of all genes, in order of what a unit does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import DataError
from core.interpretation.gene_sets import as_gene_sets

COLUMNS = ("gene_set", "size", "score", "normalised", "p", "p_adjusted", "q", "genes")


def ranked_enrichment(
    changes: np.ndarray,
    genes: Sequence[str],
    sets: Mapping[str, Sequence[str]],
    *,
    min_genes: int = 5,
    permutations: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Preranked gene set enrichment analysis of one unit: every gene counts, by its change and its sign.

    Parameters
    ----------
    changes
        (n_genes,), with sign; any unit.
    genes
        Names of the n_genes genes.
    sets
        Name to genes.
    min_genes
        Sets with fewer genes among ``genes`` are not tested.
    permutations
        Random gene sets of the same size that each set is compared with.
    seed
        The same seed gives the same p.

    Returns
    -------
    A table, most certain first: gene_set; size (genes among those given); score (enrichment score, -1 to 1, positive
    where the set's genes go up); normalised (over the mean of random sets of that sign); p; p_adjusted (Benjamini and
    Hochberg over all tested sets); q (false discovery rate of GSEA itself); genes, those that make the score, joined
    by ";". p is at least one over the permutations plus one, since as many were tried.

    Raises
    ------
    DataError
        If no set has ``min_genes`` of the genes, or no gene changes.

    Source: Subramanian et al. 2005; gseapy.prerank.
    """
    known = set(genes)
    within = {name: [gene for gene in own if gene in known] for name, own in as_gene_sets(sets).items()}
    tested = {name: own for name, own in within.items() if len(own) >= max(min_genes, 1)}
    if not tested:
        raise DataError(
            f"No gene set has {min_genes} genes among those of the network",
            list(genes[:3]),
            "Check that data and gene sets use the same species and identifier (symbols, not Ensembl)",
        )
    if not np.any(changes):
        raise DataError("This unit changes no gene, so there is no order to test", 0, "Look at another unit")
    found = _prerank(pd.Series(np.asarray(changes, dtype=float), index=list(genes)), tested, permutations, seed)
    table = pd.DataFrame(
        {
            "gene_set": found["Term"].astype(str).to_numpy(),
            "score": found["ES"].to_numpy(dtype=float),
            "normalised": found["NES"].to_numpy(dtype=float),
            "p": np.clip(found["NOM p-val"].to_numpy(dtype=float), 1 / (permutations + 1), 1.0),
            "q": found["FDR q-val"].to_numpy(dtype=float),
            "genes": found["Lead_genes"].astype(str).to_numpy(),
        }
    )
    table["size"] = [len(tested[name]) for name in table["gene_set"]]
    table["p_adjusted"] = stats.false_discovery_control(table["p"].to_numpy())
    order = np.lexsort((table["gene_set"].to_numpy(dtype=str), -table["normalised"].abs(), table["p"]))
    return table.iloc[order].loc[:, list(COLUMNS)].reset_index(drop=True)


def _prerank(changes: pd.Series, tested: dict[str, list[str]], permutations: int, seed: int) -> pd.DataFrame:
    from gseapy import prerank

    sets: dict = tested  # gseapy's annotation allows text values only, its code takes lists
    done = prerank(
        rnk=changes.sort_values(ascending=False, kind="stable"),
        gene_sets=sets,
        min_size=1,
        max_size=len(changes),
        permutation_num=permutations,
        seed=seed,
        threads=1,
        outdir=None,
        no_plot=True,
        verbose=False,
    )
    return pd.DataFrame(done.res2d)
