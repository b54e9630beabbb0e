"""Fresh mixtures in every epoch: new cells, new proportions, new gene factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.composition.randomise import lost_genes
from core.networks.batch import Batch

if TYPE_CHECKING:
    from core.composition.pool import Pool
    from core.composition.simulation import Simulation

ToInput = Callable[[np.ndarray], np.ndarray]
CHUNK_VALUES = 4_000_000


@dataclass(frozen=True)
class FreshMixtures:
    """Batches of mixtures that are simulated anew in each epoch.

    Epoch ``e`` is drawn from the seed sequence (``seed``, ``e``, chunk), never from where an earlier epoch left off, so
    that a resumed training sees the same mixtures as an uninterrupted one.

    Attributes
    ----------
    simulation
        How samples are made.
    pool
        The cells that may be drawn.
    to_input
        Pseudo-bulk samples (n, n_genes) to network input (n, n_inputs), float32.
    seed
        Together with the epoch it fixes the mixtures; another one for each member of an ensemble.
    n
        Mixtures in an epoch; single cells come beside them, or in their place, where the spec asks for them.
    absent
        (n_genes,), network input of a gene that was not measured; with ``gene_drop`` genes are lost at random.
    """

    simulation: Simulation
    pool: Pool
    to_input: ToInput
    seed: int
    n: int
    absent: np.ndarray | None = field(default=None)

    def epoch(
        self,
        number: int,
        batch_size: int,
        generator: torch.Generator | None,
        device: torch.device | str = "cpu",
    ) -> Iterator[Batch]:
        """The batches of epoch ``number``. Mixtures come in random order already: ``generator`` is not needed."""
        chunk = max(1, CHUNK_VALUES // (self.simulation.n_genes * batch_size)) * batch_size
        in_all = self.simulation.n_training(self.pool, self.n)
        for position, (start, stop) in enumerate(_spans(in_all, chunk)):
            rng = np.random.default_rng(np.random.SeedSequence([self.seed, number, position]))
            inputs, proportions = self.simulate(stop - start, rng)
            x = torch.from_numpy(inputs).to(device)
            p = torch.from_numpy(proportions).to(device)
            for first, last in _spans(len(x), batch_size):
                yield Batch(x[first:last], proportions=p[first:last])

    def simulate(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Network input (n, n_inputs) and proportions (n, n_answers) of ``n`` samples, float32, in random order."""
        made, spec = self.simulation.training(self.pool, self.n, n, rng), self.simulation.spec
        samples = made.values
        if spec.gene_drop > 0 and self.absent is not None:
            lost = lost_genes(n, samples.shape[1], spec.gene_drop, rng)
            inputs = np.where(lost, self.absent, self.to_input(np.where(lost, 0, samples)))
        else:
            inputs = self.to_input(samples)
        order = rng.permutation(n)  # the designs come set by set
        return inputs[order].astype(np.float32, copy=False), made.proportions[order].astype(np.float32)


def _spans(n: int, size: int) -> list[tuple[int, int]]:
    # a single mixture left over joins the batch before it: batch norm cannot train on one sample alone
    starts = list(range(0, n, size))
    if len(starts) > 1 and n - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], n], strict=True))
