"""Independent stratified splits, each with networks trained anew and baselines fitted on the same cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from core.data.split import stratified_split
from core.evaluation.autoencoder import CLASSIFIER, PLAIN, Autoencoder, Fit
from core.evaluation.baselines import PCA_NAME, Projection, principal_components


@dataclass
class Fold:
    """One split with all that was fitted on its training cells; each network is trained when first asked for.

    Attributes
    ----------
    number
        Counts from 0.
    seed
        Of the networks and baselines of this fold.
    train, test
        (n_train, n_genes) and (n_test, n_genes), values.
    train_labels, test_labels
        Type numbers.
    n_code
        Size of every code, the baselines' too.
    fit
        Trains an autoencoder.
    """

    number: int
    seed: int
    train: np.ndarray
    test: np.ndarray
    train_labels: np.ndarray
    test_labels: np.ndarray
    n_code: int
    fit: Fit
    _networks: dict[str, Autoencoder] = field(default_factory=dict, repr=False)
    _components: Projection | None = field(default=None, repr=False)

    def network(self, method: str) -> Autoencoder:
        """The plain or the classifier autoencoder, trained once."""
        if method not in self._networks:
            self._networks[method] = self.fit(self.train, self.train_labels, method == CLASSIFIER, self.seed)
        return self._networks[method]

    @property
    def networks(self) -> dict[str, Autoencoder]:
        """Both autoencoders by method name."""
        return {method: self.network(method) for method in (PLAIN, CLASSIFIER)}

    @property
    def components(self) -> Projection:
        """Principal components of the training cells, as many as code units."""
        if self._components is None:
            self._components = principal_components(self.train, self.n_code, self.seed)
        return self._components

    @property
    def codes(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Training and test cells as each method sees them: genes, components and codes."""
        seen = {"genes": (self.train, self.test)}
        seen[PCA_NAME] = (self.components.code(self.train), self.components.code(self.test))
        for method, network in self.networks.items():
            seen[method] = (network.code(self.train), network.code(self.test))
        return seen


def folds(
    values: np.ndarray,
    labels: np.ndarray,
    fit: Fit,
    *,
    test_share: float,
    n_folds: int,
    n_code: int,
    seed: int,
) -> Iterator[Fold]:
    """Splits one after the other, so that only one set of networks is in memory.

    Parameters
    ----------
    values
        (n_cells, n_genes), expression.
    labels
        (n_cells,), type numbers from 0.
    fit
        Trains an autoencoder.
    test_share
        Share of each type that is kept for the test.
    n_folds
        How many splits.
    n_code
        Size of the code.
    seed
        Decides splits and starts.
    """
    rng = np.random.default_rng(seed)
    for number in range(n_folds):
        train, test = stratified_split(labels, test_share, rng)
        yield Fold(number, seed + number, values[train], values[test], labels[train], labels[test], n_code, fit)
