"""Label transfer: the answers of networks and linear models, joined into one probability per cell type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import log_softmax, logsumexp, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.networks.network import Network

QueryScaling = Literal["reference", "query", "both"]


@dataclass(frozen=True)
class Votes:
    """What all members say together about some cells.

    Attributes
    ----------
    log_probabilities
        (n_cells, n_types), logarithm of the weighted mean of the members' probabilities, before calibration.
    logits
        (n_cells, n_types), weighted mean of the members' logits: their size tells known cells from strange ones.
    """

    log_probabilities: np.ndarray
    logits: np.ndarray

    def probabilities(self, temperature: float = 1.0) -> np.ndarray:
        """(n_cells, n_types), rows sum to one; a temperature above 1 makes them less certain."""
        return softmax(self.log_probabilities / temperature, axis=1)

    def rows(self, cells: np.ndarray) -> Votes:
        """The votes on the chosen cells, by mask or by number."""
        return Votes(self.log_probabilities[cells], self.logits[cells])


def scalings(query_scaling: QueryScaling) -> tuple[Literal["reference", "query"], ...]:
    """The views of the query that the members judge: scaled by the reference, by the query itself, or each in turn."""
    return ("reference", "query") if query_scaling == "both" else (query_scaling,)


def joined(logits: Sequence[np.ndarray], shares: np.ndarray | None = None) -> Votes:
    """Mean of the members' probabilities, each member having its share.

    Parameters
    ----------
    logits
        One (n_cells, n_types) array for each member.
    shares
        (n_members,), sums to one; the same for each by default.
    """
    each = np.stack([np.asarray(part, dtype=np.float64) for part in logits])
    shares = np.full(len(each), 1 / len(each)) if shares is None else np.asarray(shares, dtype=np.float64)
    weights = shares[:, None, None]
    mean = logsumexp(log_softmax(each, axis=2), b=weights, axis=0)
    return Votes(np.asarray(mean), (weights * each).sum(axis=0))


def stacked(votes: Sequence[Votes]) -> Votes:
    """Votes on some cells after those on others."""
    return Votes(*(np.concatenate([getattr(each, name) for each in votes]) for name in ("log_probabilities", "logits")))


def mean_votes(votes: Sequence[Votes]) -> Votes:
    """The mean answer over several views of the same cells, every view counting the same."""
    stacked = np.stack([vote.log_probabilities for vote in votes])
    mean = logsumexp(stacked, axis=0) - np.log(len(votes))
    return Votes(np.asarray(mean), np.mean([vote.logits for vote in votes], axis=0))


def network_answers(
    network: Network, values: np.ndarray, *, batch_size: int = 4096, device: str = "cpu"
) -> tuple[np.ndarray, np.ndarray]:
    """A network's class logits and code, without dropout or noise.

    Parameters
    ----------
    network
        A network with a class head.
    values
        (n_cells, n_genes), transformed as in training.
    batch_size
        Cells per step.
    device
        Where the network lies.

    Returns
    -------
    (n_cells, n_types) and (n_cells, n_units), float32.
    """
    import torch

    network.eval()
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    with torch.inference_mode():
        for start in range(0, max(len(values), 1), batch_size):
            block = np.ascontiguousarray(values[start : start + batch_size], dtype=np.float32)
            found = network(torch.from_numpy(block).to(device))
            parts.append((found["class_logits"].float().cpu().numpy(), found["code"].float().cpu().numpy()))
    logits, codes = zip(*parts, strict=True)
    return np.concatenate(logits), np.concatenate(codes)


def network_logits(network: Network, values: np.ndarray, *, batch_size: int = 4096, device: str = "cpu") -> np.ndarray:
    """(n_cells, n_types), the logits of `network_answers`."""
    return network_answers(network, values, batch_size=batch_size, device=device)[0]


def best_types(probabilities: np.ndarray, types: Sequence[str], cells: Sequence[str] | pd.Index) -> pd.DataFrame:
    """The most probable type of each cell.

    Returns
    -------
    A row per cell: ``cell``, ``cell_type``, ``probability``.
    """
    best = probabilities.argmax(axis=1)
    return pd.DataFrame(
        {
            "cell": np.asarray(cells, dtype=object),
            "cell_type": np.asarray(types, dtype=object)[best],
            "probability": probabilities[np.arange(len(best)), best],
        }
    )
