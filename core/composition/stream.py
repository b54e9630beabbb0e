"""Fresh mixtures in every epoch: new cells, new proportions, new gene factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.composition.mixtures import mixtures
from core.composition.pseudobulk import genes_in, pseudobulk
from core.composition.randomise import lost_genes, randomised
from core.networks.batch import Batch

if TYPE_CHECKING:
    from scipy import sparse

    from core.composition.pool import Pool
    from core.specs.composition import DeconvolveSpec

ToInput = Callable[[np.ndarray], np.ndarray]
CHUNK_VALUES = 4_000_000


@dataclass(frozen=True)
class FreshMixtures:
    """Batches of mixtures that are simulated anew in each epoch.

    Epoch ``e`` is drawn from the seed sequence (``seed``, ``e``, chunk), never from where an earlier epoch left off, so
    that a resumed training sees the same mixtures as an uninterrupted one.

    Attributes
    ----------
    counts
        (n_cells, n_genes), raw counts on the selected genes.
    pool
        The cells that may be drawn.
    spec
        Design, cells per mixture, gene factors and jitter.
    to_input
        Pseudo-bulk samples (n, n_genes) to network input (n, n_inputs), float32.
    seed
        Together with the epoch it fixes the mixtures; another one for each member of an ensemble.
    n
        Mixtures in an epoch.
    priors
        (n_types, 2), ranges of whole percent for the six published sets; guessed if empty.
    absent
        (n_genes,), network input of a gene that was not measured; with ``gene_drop`` genes are lost at random.
    """

    counts: sparse.csr_matrix
    pool: Pool
    spec: DeconvolveSpec
    to_input: ToInput
    seed: int
    n: int
    priors: np.ndarray | None = None
    absent: np.ndarray | None = field(default=None)

    def epoch(
        self,
        number: int,
        batch_size: int,
        generator: torch.Generator | None,
        device: torch.device | str = "cpu",
    ) -> Iterator[Batch]:
        """The batches of epoch ``number``. Mixtures come in random order already: ``generator`` is not needed."""
        chunk = max(1, CHUNK_VALUES // (genes_in(self.counts) * batch_size)) * batch_size
        for position, (start, stop) in enumerate(_spans(self.n, chunk)):
            rng = np.random.default_rng(np.random.SeedSequence([self.seed, number, position]))
            inputs, proportions = self.simulate(stop - start, rng)
            x = torch.from_numpy(inputs).to(device)
            p = torch.from_numpy(proportions).to(device)
            for first, last in _spans(len(x), batch_size):
                yield Batch(x[first:last], proportions=p[first:last])

    def simulate(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Network input (n, n_inputs) and proportions (n, n_types) of ``n`` mixtures, float32, in random order."""
        made = mixtures(self.pool, n, self.spec, rng, self.priors)
        samples = pseudobulk(self.counts, made, self.spec.pseudobulk)
        samples = randomised(samples, self.spec.gene_factor_sd, self.spec.jitter_sd, rng)
        if self.spec.gene_drop > 0 and self.absent is not None:
            lost = lost_genes(n, samples.shape[1], self.spec.gene_drop, rng)
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
