"""Do groups found in a code agree with the labels, and with groups found in the genes?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from core.embedding.clusters import k_means, per_cell
from core.errors import SpecError

SCALES: dict[str, Literal["none", "units", "sum"]] = {"as_it_is": "none", "z_scored": "units", "per_cell": "sum"}
"""How the code is scaled first: not at all, each unit to mean 0 and deviation 1, each cell to a sum of one."""
CODE_LABELS, GENES_LABELS, GENES_CODE = "code_and_labels", "genes_and_labels", "genes_and_code"
PUBLISHED = {CODE_LABELS: 0.761, GENES_LABELS: 0.785, GENES_CODE: 0.780}
"""NMI in Kinalis et al. 2019 on pbmc3k, mean of 20 runs of k-means."""
COLUMNS = ("pair", "scale", "run", "nmi", "ari")


def code_clusters(
    code: np.ndarray,
    genes: np.ndarray,
    labels: np.ndarray | None,
    *,
    groups: int | None = None,
    runs: int = 20,
    seed: int = 0,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """Agreement of k-means groups of a code with labels and with k-means groups of the genes.

    Parameters
    ----------
    code
        (n_cells, n_units).
    genes
        (n_cells, n_components), principal components of log-normalised genes.
    labels
        (n_cells,) names; ``None`` without labels.
    groups
        Number of groups; ``None`` for as many as there are labels.
    runs
        How often k-means starts, each time from one set of centres of its own.
    seed
        Of the first run; the others follow.
    tell
        Called with runs done and runs in all.

    Returns
    -------
    A table with a row for each comparison and run: pair (code_and_labels, genes_and_labels, genes_and_code), scale (of
    ``SCALES``; empty where no code takes part), run (from 1), nmi (0 to 1) and ari (1 for equal groups, about 0 by
    chance).

    Raises
    ------
    SpecError
        If the number of groups is not given and there are no labels.

    Source: Kinalis et al. 2019, comparison of clusterings; there the code was taken as it is.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    if groups is None:
        if labels is None:
            raise SpecError("Without labels the number of groups must be given", None, "Set analysis.checks.groups")
        groups = max(len(np.unique(labels)), 2)
    scaled = {name: per_cell(code, scale) for name, scale in SCALES.items()}
    rows: list[tuple[str, str, int, float, float]] = []

    def compare(pair: str, scale: str, run: int, first: np.ndarray, second: np.ndarray) -> None:
        nmi, ari = normalized_mutual_info_score(first, second), adjusted_rand_score(first, second)
        rows.append((pair, scale, run + 1, float(nmi), float(ari)))

    for run in range(runs):
        by_genes = k_means(genes, groups, seed + run, starts=1)
        if labels is not None:
            compare(GENES_LABELS, "", run, labels, by_genes)
        for name, values in scaled.items():
            by_code = k_means(values, groups, seed + run, starts=1)
            if labels is not None:
                compare(CODE_LABELS, name, run, labels, by_code)
            compare(GENES_CODE, name, run, by_genes, by_code)
        tell(run + 1, runs)
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and standard deviation over the runs.

    Parameters
    ----------
    table
        From `code_clusters`.

    Returns
    -------
    A row for each comparison, in the order of the table: pair, scale, nmi, nmi_sd, ari, ari_sd, published (NMI in the
    paper).
    """
    groups = table.groupby(["pair", "scale"], sort=False)[["nmi", "ari"]]
    made = groups.mean().join(groups.std(ddof=1), rsuffix="_sd").reset_index()
    return made.assign(published=[PUBLISHED[str(pair)] for pair in made["pair"]])
