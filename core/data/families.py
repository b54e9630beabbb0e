"""Gene families told by their names: mitochondrial and ribosomal genes of human and mouse."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

MITOCHONDRIAL = r"^MT[-.]"  # R turns the hyphen into a dot when names become column names
_RIBOSOMAL = r"^RP[SL](?!6K)(?:\d|P\d|A)"  # RPS6KA1 and its like are kinases, no parts of the ribosome


def mitochondrial(genes: Iterable[str], pattern: str = MITOCHONDRIAL) -> np.ndarray:
    """Which of ``genes`` are encoded by the mitochondrion.

    Parameters
    ----------
    genes
        Names.
    pattern
        Regular expression of their names, upper and lower case alike; empty for none.

    Returns
    -------
    (n_genes,), True for names such as MT-CO1 or mt-Co1.
    """
    names = list(genes)
    return _matching(names, pattern) if pattern else np.zeros(len(names), dtype=bool)


def ribosomal(genes: Iterable[str]) -> np.ndarray:
    """Which of ``genes`` encode ribosomal proteins.

    Returns
    -------
    (n_genes,), True for names such as RPS6, RPLP0 or Rpl13a, False for the RPS6K kinases.
    """
    return _matching(genes, _RIBOSOMAL)


def _matching(genes: Iterable[str], pattern: str) -> np.ndarray:
    return pd.Series(list(genes), dtype="str").str.contains(pattern, case=False, regex=True).to_numpy(bool)
