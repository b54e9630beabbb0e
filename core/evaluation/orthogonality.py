"""Orthogonal units: how far a trained code is from it, and what different weights of the penalty do while training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from core.networks.objective import Objective
from core.networks.penalties import orthogonality
from core.training.predict import outputs
from core.training.trainer import fit

if TYPE_CHECKING:
    from core.networks.network import Network
    from core.specs import ObjectiveSpec, TrainSpec
    from core.training.batches import Batches

FIRST, LAST = 1, 5
"""Epochs between which the fall of the norm is measured."""
WITHIN = 0.01
"""Share by which the validation loss may be above that without the penalty."""
COLUMNS = ("weight", "epoch", "norm", "validation_loss", "training_loss", "off_orthonormal", "likeness")


@dataclass(frozen=True)
class CodeMeasures:
    """How orthogonal a code is.

    Attributes
    ----------
    off_orthonormal
        Frobenius norm ||I - W W'|| of the code units' incoming weights; 0 where they are orthonormal.
    singular_values
        (n_units,) of the code over all cells, largest first.
    correlation
        (n_units, n_units), of the units over cells; 0 for a unit that never changes, 1 on the diagonal.
    """

    off_orthonormal: float
    singular_values: np.ndarray
    correlation: np.ndarray

    @property
    def norm(self) -> float:
        """Frobenius norm of the code: the length of its singular values."""
        return float(np.linalg.norm(self.singular_values))

    @property
    def likeness(self) -> float:
        """Mean absolute correlation of two units; 0 for one unit."""
        return mean_off_diagonal(self.correlation)


def code_measures(weight: np.ndarray, code: np.ndarray) -> CodeMeasures:
    """How orthogonal a code and the weights behind it are.

    Parameters
    ----------
    weight
        (n_units, n_in), incoming weights of the code units.
    code
        (n_cells, n_units).

    Source: Kinalis et al. 2019, equation 1, and "L2 norm of the singular values".
    """
    code = np.asarray(code, dtype=np.float64)
    values = np.linalg.svd(code, compute_uv=False)
    off = float(orthogonality(torch.as_tensor(np.asarray(weight, dtype=np.float64))))
    return CodeMeasures(off, values, correlation(code.T))


def correlation(rows: np.ndarray) -> np.ndarray:
    """Pearson correlation of every pair of ``rows`` (n, m): (n, n); rows without variance have 0 with all others."""
    centred = np.asarray(rows, dtype=np.float64)
    centred = centred - centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12)
    found = (unit @ unit.T).clip(-1, 1)
    np.fill_diagonal(found, 1.0)
    return found


def mean_off_diagonal(found: np.ndarray) -> float:
    """Mean absolute value of the pairs of a correlation matrix (n, n); 0 where there is no pair."""
    pairs = np.abs(found[np.triu_indices(len(found), k=1)])
    return float(pairs.mean()) if len(pairs) else 0.0


def sweep(
    make: Callable[[ObjectiveSpec], Network],
    objective: Callable[[ObjectiveSpec], Objective],
    spec: ObjectiveSpec,
    training: TrainSpec,
    train: Batches,
    validation: Batches | None,
    cells: Batches,
    weights: Sequence[float],
    *,
    seed: int,
    tell: Callable[[float, int], None] = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
) -> pd.DataFrame | None:
    """Train once for each weight of the penalty, from the same start and with the same order of cells.

    Parameters
    ----------
    make
        Makes a network with its start weights, the same each time.
    objective
        Makes what is minimised.
    spec
        The objective whose ``orthogonality`` is varied.
    training
        Epochs, optimiser and batches; it is not stopped early.
    train, validation
        Cells to learn from and cells never trained on; without these the training loss stands in.
    cells
        All cells, whose code is measured after each epoch.
    weights
        Of the penalty; 0 is always trained as well, and first.
    seed
        Of each training.
    tell
        Called before each epoch with the weight and the number of the epoch.
    stop
        Asked between epochs.

    Returns
    -------
    A row for each weight and epoch: weight, epoch, norm (Frobenius norm of the code of all cells), validation_loss and
    training_loss (without the penalty), off_orthonormal (||I - W W'||), likeness (mean absolute correlation of units).
    ``None`` where it was stopped.

    Raises
    ------
    SpecError
        If there are more units than inputs, which cannot be orthogonal.
    """
    training = training.model_copy(update={"patience": None, "restore_best": False, "monitor": "loss", "members": 1})
    rows: list[tuple[float, ...]] = []
    for weight in (0.0, *weights):
        asked = spec.model_copy(update={"orthogonality": weight})
        network, minimised = make(asked), objective(asked)
        tell(weight, 1)
        for epoch in fit(network, minimised, train, validation, training, seed=seed):
            measured = code_measures(
                network.code_weight.detach().cpu().numpy(), outputs(network, cells, names={"code"})["code"]
            )
            kept = [_without_penalty(minimised, values) for values in (epoch.validation or epoch.train, epoch.train)]
            rows.append((weight, epoch.number, measured.norm, *kept, measured.off_orthonormal, measured.likeness))
            if stop():
                return None
            tell(weight, epoch.number + 1)
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS)).astype({"epoch": int})


def lowest_loss(spec: ObjectiveSpec, cells: Batches, batch_size: int = 1024) -> float:
    """The validation loss that no network can fall below.

    A Poisson loss is known up to a constant that the data alone decide, so that its zero means nothing and a share of
    it neither. A network that rebuilds every count reaches the value given here; all other losses end at 0.

    Parameters
    ----------
    spec
        The objective.
    cells
        The cells that the loss is measured on.
    """
    head = spec.reconstruction
    if head is None or head.loss != "poisson":
        return 0.0
    total, values = 0.0, 0
    for batch in cells.epoch(0, batch_size, None, torch.device("cpu")):
        counts = batch.reconstruction_target
        total += float((counts - torch.xlogy(counts, counts)).double().sum())
        values += counts.numel()
    return head.weight * total / max(values, 1)


def reading(table: pd.DataFrame, lowest: float = 0.0) -> pd.DataFrame:
    """What a sweep says of each weight.

    Parameters
    ----------
    table
        From `sweep`.
    lowest
        From `lowest_loss`.

    Returns
    -------
    A row for each weight, 0 first: weight; start (norm at epoch 1); fall (of the norm per epoch, over epochs 1 to 5, or
    as many as there are); more (by how much that exceeds the fall of weight 0, as a share of the latter's norm at epoch
    1); extra (the same as a share of the fall of weight 0, as published; missing where that norm does not fall, and
    unsteady where it hardly does); loss (validation loss of the last epoch); above (by how much it exceeds that of
    weight 0, as a share of the latter's distance to ``lowest``); above_plain (the same as a share of the absolute loss
    itself); off_orthonormal, likeness; within (above is at most 1 %); chosen (the largest weight that is).
    """
    rows = []
    for weight, own in table.groupby("weight", sort=False):
        own = own.sort_values("epoch")
        first, last = own.iloc[0], own.loc[own["epoch"] <= LAST].iloc[-1]
        steps = max(int(last["epoch"]) - int(first["epoch"]), 1)
        end = own.iloc[-1]
        rows.append(
            {
                "weight": weight,
                "start": float(first["norm"]),
                "fall": float(first["norm"] - last["norm"]) / steps,
                "loss": float(end["validation_loss"]),
                "off_orthonormal": float(end["off_orthonormal"]),
                "likeness": float(end["likeness"]),
            }
        )
    made = pd.DataFrame(rows)
    plain = made.iloc[0]
    made["more"] = (made["fall"] - plain["fall"]) / plain["start"]
    made["extra"] = made["fall"] / plain["fall"] - 1 if plain["fall"] > 0 else np.nan
    worse = made["loss"] - plain["loss"]
    made["above"] = worse / ((plain["loss"] - lowest) or np.nan)
    made["above_plain"] = worse / (abs(plain["loss"]) or np.nan)
    made["within"] = made["above"] <= WITHIN
    allowed = made.loc[made["within"] & (made["weight"] > 0), "weight"]
    made["chosen"] = made["weight"] == (allowed.max() if len(allowed) else -1.0)
    return made


def _without_penalty(objective: Objective, values: dict[str, float]) -> float:
    """The total loss of an epoch's mean ``values`` without the penalty, which grows with its own weight."""
    return sum(weight * values[name] for name, weight in objective.weights.items() if name != "orthogonality")
