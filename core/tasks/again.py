"""What the first network of a finished run was trained from: the same cells, the same start, to train it once more."""

from __future__ import annotations

import numpy as np
import torch

from core.data.split import stratified_split
from core.networks.build import build
from core.networks.losses import class_weights
from core.networks.network import Network
from core.networks.objective import Objective
from core.networks.start_weights import MaskedLinear
from core.specs import ObjectiveSpec
from core.tasks.finished import Finished
from core.tasks.members import needs_components, start_components
from core.tasks.prepare import MEMBERS, SPLIT, rng
from core.training.batches import Batches
from core.training.disk_batches import batches_of
from core.training.library import median_library
from core.training.seeding import derived, generator


class Again:
    """What a run's first network was trained from, to train it once more.

    Parameters
    ----------
    own
        The finished run.
    seed
        In place of the run's own; it decides start weights, order and split.
    """

    def __init__(self, own: Finished, seed: int | None = None) -> None:
        spec = own.model.spec
        self.own = own
        self.spec = spec if seed is None else spec.model_copy(update={"seed": seed})
        self.x = own.model.transform.apply(own.aligned)
        self.labels = self._numbers()
        self.train, self.validation = self._split()
        self._start = self._components()

    @property
    def seed(self) -> int:
        """Seed of the training itself: the order of cells, dropout and noise."""
        return derived(self.spec.seed, MEMBERS, "", 0)

    def batches(self) -> tuple[Batches, Batches | None, Batches]:
        """Training cells, validation cells (None where none are kept), and all cells."""
        validation = batches_of(self.x, self.labels, self.validation) if len(self.validation) else None
        return batches_of(self.x, self.labels, self.train), validation, batches_of(self.x)

    def network(self, objective: ObjectiveSpec) -> Network:
        """A network with its start weights, the same each time."""
        trained = self.own.model.networks[0]
        first = trained.encoder[0].linear
        made = build(
            self.spec.network.member(0),
            objective,
            self.own.model.transform.n_inputs,
            len(self.own.model.classes),
            generator(self.spec.seed, MEMBERS, "", 0),
            mask=first.mask if isinstance(first, MaskedLinear) else None,
            **self._start,
        )
        if made.takes_library:
            made.typical_library.fill_(median_library(self.batches()[0]))
        return made

    def objective(self, spec: ObjectiveSpec) -> Objective:
        """What is minimised, with the weights of the classes."""
        if spec.classes is None or self.labels is None:
            return Objective(spec)
        sizes = np.bincount(self.labels[self.train], minlength=len(self.own.model.classes))
        return Objective(spec, class_weights(torch.from_numpy(sizes), spec.classes.class_weights))

    def _numbers(self) -> np.ndarray | None:
        """(n_cells,) numbers of the types, where the network tells them apart."""
        if self.spec.objective.classes is None or self.own.labels is None:
            return None
        place = {name: number for number, name in enumerate(self.own.model.classes)}
        return np.array([place[str(name)] for name in self.own.labels], dtype=np.int64)

    def _split(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the training and of the validation cells, as the run drew them."""
        cells, share = self.own.aligned.library.size, self.spec.training.validation_share
        if share <= 0:
            return np.arange(cells), np.arange(0)
        strata = self.own.labels if self.labels is not None and self.own.labels is not None else cells
        return stratified_split(strata, share, rng(self.spec, SPLIT))

    def _components(self) -> dict[str, torch.Tensor]:
        return start_components(self.spec, self.x[self.train]) if needs_components(self.spec) else {}
