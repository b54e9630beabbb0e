"""Gradient-boosted trees: the member that sees thresholds and combinations of genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import lightgbm

ABSENT = -30.0
SETTINGS = {
    "objective": "multiclass",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 5,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
ROUNDS = 150


@dataclass(frozen=True)
class BoostedMember:
    """Boosted trees as LightGBM's own text, which holds numbers and names only; reading it runs no code.

    Attributes
    ----------
    text
        The trees, as ``lightgbm.Booster.model_to_string`` writes them.
    present
        (n_present,), numbers of the types that the trees know.
    n_types
        How many types an answer has.
    """

    text: str
    present: np.ndarray
    n_types: int

    def logits(self, values: np.ndarray) -> np.ndarray:
        """Unnormalised log-probabilities.

        Parameters
        ----------
        values
            (n_cells, n_genes), scaled as in training.

        Returns
        -------
        (n_cells, n_types), float32; a type without cells in training gets a probability near zero.
        """
        answer = np.full((len(values), self.n_types), ABSENT, dtype=np.float32)
        if len(values):
            answer[:, self.present] = np.asarray(self._booster().predict(values, raw_score=True, num_threads=1))
        return answer

    def attributions(self, values: np.ndarray, start: np.ndarray, contrasts: np.ndarray) -> np.ndarray:
        """What each input adds to contrasts of logits between ``start`` and each cell.

        Parameters
        ----------
        values
            (n_cells, n_inputs), scaled as in training.
        start
            (n_inputs,), where nothing is added yet.
        contrasts
            (n_contrasts, n_types), weights of the logits.

        Returns
        -------
        (n_contrasts, n_cells, n_inputs); sums over inputs are the contrast of the cell minus that of ``start``.

        Source: Lundberg et al. 2020, exact Shapley values of trees.
        """
        rows = np.vstack([start[None], values])
        found = np.asarray(self._booster().predict(rows, pred_contrib=True, num_threads=1))
        each = found.reshape(len(rows), len(self.present), values.shape[1] + 1)[:, :, :-1]
        along = np.einsum("ctg,kt->kcg", each, contrasts[:, self.present])
        return along[:, 1:] - along[:, :1]

    def to_dict(self) -> dict[str, Any]:
        """Arrays and plain values by name, for the model file."""
        return {
            "text": np.frombuffer(self.text.encode(), dtype=np.uint8).copy(),
            "present": self.present,
            "n_types": self.n_types,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BoostedMember:
        """The member that `to_dict` wrote."""
        text = np.asarray(values["text"], dtype=np.uint8).tobytes().decode()
        return cls(text, np.asarray(values["present"]).astype(np.int64), int(values["n_types"]))

    def _booster(self) -> lightgbm.Booster:
        return _library().Booster(model_str=self.text)


def fit_boosted(
    values: np.ndarray, labels: np.ndarray, n_types: int, *, seed: int, rounds: int = ROUNDS
) -> BoostedMember:
    """Fit boosted trees.

    Parameters
    ----------
    values
        (n_cells, n_genes), scaled genes.
    labels
        (n_cells,), type numbers from 0 to ``n_types - 1``.
    n_types
        How many types the answer has.
    seed
        Draws genes and cells for each tree.
    rounds
        Trees for each type.

    Returns
    -------
    The member; the same data and seed give the same trees.

    Raises
    ------
    DataError
        If the cells are all of one type.
    MissingExtraError
        If LightGBM does not start on this machine.

    Source: Ke et al. 2017 (LightGBM).
    """
    lightgbm = _library()
    present, number = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        raise DataError(
            "Boosted trees need cells of two types or more",
            f"{len(present)} type(s)",
            "Add labelled cells of another type to the reference",
        )
    cells = lightgbm.Dataset(np.ascontiguousarray(values, dtype=np.float32), number)
    settings = {**SETTINGS, "num_class": len(present), "seed": seed}
    booster = lightgbm.train(settings, cells, num_boost_round=rounds)
    return BoostedMember(booster.model_to_string(), present, n_types)


def _library() -> ModuleType:
    try:
        import lightgbm
    except (ImportError, OSError) as error:  # its wheel asks the system for OpenMP
        remedy = "Install OpenMP (apt-get install libgomp1; brew install libomp), or set analysis.boosted_member=false"
        raise MissingExtraError("Boosted trees need LightGBM, which does not start here", str(error), remedy) from None
    return lightgbm
