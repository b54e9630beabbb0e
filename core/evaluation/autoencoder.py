"""What the experiments ask of a trained network, so that they never build one themselves."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Autoencoder(Protocol):
    """A trained autoencoder, with or without a class head."""

    def code(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) -> (n_cells, n_units)."""
        ...

    def rebuild(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) -> (n_cells, n_genes), reproduced profiles in the unit of ``x``."""
        ...

    def class_probabilities(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) -> (n_cells, n_types), rows sum to one. Asked of networks with a class head only."""
        ...


class Fit(Protocol):
    """Trains an autoencoder from scratch.

    ``train_labels`` are type numbers from 0; with ``with_classes`` the network has a class head beside the decoder.
    """

    def __call__(
        self, train_values: np.ndarray, train_labels: np.ndarray, with_classes: bool, seed: int
    ) -> Autoencoder: ...


PLAIN = "autoencoder"
CLASSIFIER = "classifier_autoencoder"
