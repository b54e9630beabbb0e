"""Perturbation: which genes change in the decoded profile when one code unit is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from core.interpretation.guided import evaluating

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.networks.network import Network


def perturbation(
    network: Network, code: np.ndarray, amount: float = 2.0, baseline: np.ndarray | None = None
) -> np.ndarray:
    """Decoded profile with one unit moved, minus that of the code it is moved from.

    Parameters
    ----------
    network
        Trained network with a decoder. It is left as it was. With a library-size offset codes are decoded for a cell of
        the training cells' median library size.
    code
        (n_cells, n_units); units are moved by multiples of their standard deviations.
    amount
        Standard deviations that each unit is raised by in turn; negative to lower it.
    baseline
        (n_units,), the code that is moved; ``None`` for the mean of ``code``.

    Returns
    -------
    (n_units, n_genes), in the unit of the reproduced profile.

    Raises
    ------
    SpecError
        If the network does not rebuild genes.

    Source: Cell Identity Codes, genes behind each unit: decode the mean code with two standard deviations added.
    """
    code = np.asarray(code, dtype=np.float64)
    start = code.mean(axis=0) if baseline is None else np.asarray(baseline, dtype=np.float64)
    codes = np.vstack([start, start + amount * np.diag(code.std(axis=0))])
    device = next(network.parameters()).device
    with evaluating(network), torch.no_grad():
        profiles = network.decode(torch.as_tensor(codes, dtype=torch.float32, device=device)).cpu().numpy()
    return profiles[1:] - profiles[0]


def top_genes(
    differences: np.ndarray, genes: Sequence[str], units: Sequence[int] | None = None, n: int = 100
) -> pd.DataFrame:
    """The genes that each unit changes most, in either direction.

    Parameters
    ----------
    differences
        (n_units, n_genes), from ``perturbation`` or any other score with a sign.
    genes
        Names of the n_genes columns.
    units
        Numbers of the units wanted, from 0; ``None`` for all.
    n
        Genes of each unit.

    Returns
    -------
    A table: unit ("unit_1" ...), rank (from 1), gene, difference.
    """
    names = np.asarray(genes, dtype=object)
    chosen = range(len(differences)) if units is None else units
    tables = []
    for unit in chosen:
        order = np.argsort(-np.abs(differences[unit]), kind="stable")[:n]
        tables.append(
            pd.DataFrame(
                {
                    "unit": f"unit_{unit + 1}",
                    "rank": np.arange(1, len(order) + 1),
                    "gene": names[order],
                    "difference": differences[unit][order],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
