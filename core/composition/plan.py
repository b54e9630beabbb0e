"""The steps of a deconvolution in their order, as pure functions around one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.composition.inputs import network_input, on_selected_genes
from core.composition.mixtures import Mixtures, from_counts, mixtures
from core.composition.pool import Pool, pool_of
from core.composition.priors import prior_ranges
from core.composition.pseudobulk import UNITS, pseudobulk
from core.composition.randomise import randomised
from core.composition.signature import Signature, signature
from core.composition.split import split_cells
from core.composition.stream import FreshMixtures
from core.data.normalise import linear
from core.data.transform import fit as fit_transform
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.transform import FittedTransform
    from core.specs import DeconvolveSpec, TransformSpec

TRANSFORM_MIXTURES = 2000
CALIBRATION_SD = 1.0
CALIBRATION_JITTER = 0.15
EVEN_CELLS = 500
EVEN_MIXTURES = 1000
SPLIT, LEARN, TRAIN, MONITOR, TEST, CALIBRATE, EVEN, GRADED = range(8)


@dataclass(frozen=True)
class Samples:
    """Simulated samples with their truth.

    ``values``: (n, n_genes), linear or as the pseudo-bulk leaves them. ``mixtures``: how they were made.
    """

    values: np.ndarray
    mixtures: Mixtures

    @property
    def proportions(self) -> np.ndarray:
        """(n, n_types), true proportions."""
        return self.mixtures.proportions


@dataclass(frozen=True)
class Plan:
    """Everything simulated mixtures are made from; each simulation has a random stream of its own.

    Attributes
    ----------
    counts
        (n_cells, n_genes), raw counts of the reference on the selected genes.
    genes, labels
        Names of the columns and of the types.
    spec
        Settings of the deconvolution.
    train, test
        The cells of each side, none on both.
    priors
        (n_types, 2), ranges in whole percent for the published design.
    signature
        Mean counts per cell of each type, training cells only.
    transform
        Learned from training mixtures.
    seed
        Fixes all that is drawn.
    """

    counts: sparse.csr_matrix
    genes: tuple[str, ...]
    labels: tuple[str, ...]
    spec: DeconvolveSpec
    train: Pool
    test: Pool
    priors: np.ndarray
    signature: Signature
    transform: FittedTransform
    seed: int

    @property
    def n_train(self) -> int:
        """Mixtures for training, in all or in each epoch."""
        return max(1, round(self.spec.mixtures * self.spec.train_mixtures))

    @property
    def n_test(self) -> int:
        """Mixtures for the test."""
        return max(1, self.spec.mixtures - self.n_train)

    def fresh(self, member: int) -> FreshMixtures:
        """New training mixtures in each epoch, others for each ``member`` of the ensemble."""
        absent = self.transform.scaling.apply(self.transform.means[None].copy())[0] if self._by_gene else None
        seed = int(np.random.SeedSequence([self.seed, TRAIN, member]).generate_state(1)[0])
        return FreshMixtures(self.counts, self.train, self.spec, self.to_input, seed, self.n_train, self.priors, absent)

    def training(self) -> Samples:
        """The fixed pool of training mixtures, gene factors applied."""
        return self._simulated(self.train, self.n_train, TRAIN)

    def monitoring(self, share: float) -> Samples:
        """Further mixtures of training cells for the validation curve: ``share`` of the number trained on."""
        return self._simulated(self.train, max(2, round(share * self.n_train)), MONITOR)

    def testing(self) -> Samples:
        """Mixtures of test cells by the same design, without gene factors: the held-out score."""
        rng = self._rng(TEST)
        made = mixtures(self.test, self.n_test, self.spec, rng, self.priors)
        return Samples(pseudobulk(self.counts, made, self.spec.pseudobulk), made)

    def even(self) -> Samples:
        """1,000 mixtures of 500 test cells whose shares are Dirichlet(1), without gene factors.

        They are the same whatever the design, so that recipes can be compared by them.
        """
        return self._even(self._rng(EVEN))

    def calibration(self) -> Samples:
        """As ``even``, each sample with gene factors of its own."""
        rng = self._rng(CALIBRATE)
        even = self._even(rng)
        return Samples(self._distorted(even.values, rng), even.mixtures)

    def graded(self) -> Samples:
        """As ``even``, every other one with gene factors of its own, whose spread is anything up to the full one."""
        rng = self._rng(GRADED)
        even = self._even(rng)
        values = even.values.copy()
        values[::2] = self._distorted(values[::2], rng, graded=True)
        return Samples(values, even.mixtures)

    def _distorted(self, values: np.ndarray, rng: np.random.Generator, *, graded: bool = False) -> np.ndarray:
        if self.spec.pseudobulk == "mean_cpm":
            return values
        sd, jitter = self.spec.gene_factor_sd or CALIBRATION_SD, self.spec.jitter_sd or CALIBRATION_JITTER
        return randomised(values, sd, jitter, rng, group=1, graded=graded)

    def _even(self, rng: np.random.Generator) -> Samples:
        shares = rng.dirichlet(np.ones(len(self.labels)), EVEN_MIXTURES)
        made = from_counts(self.test, rng.multinomial(EVEN_CELLS, shares), rng)
        return Samples(pseudobulk(self.counts, made, self.spec.pseudobulk), made)

    def to_input(self, samples: np.ndarray) -> np.ndarray:
        """Network input of simulated samples: (n, n_genes) -> (n, n_inputs), float32."""
        return network_input(samples, UNITS[self.spec.pseudobulk], self.genes, self.transform)

    def linear_values(self, samples: np.ndarray) -> np.ndarray:
        """Simulated samples on a linear scale, for the signature: (n, n_genes), float64."""
        return linear(samples, UNITS[self.spec.pseudobulk], samples.sum(axis=1))

    @property
    def _by_gene(self) -> bool:
        return self.transform.loadings is None

    def _simulated(self, pool: Pool, n: int, stream: int) -> Samples:
        rng = self._rng(stream)
        made = mixtures(pool, n, self.spec, rng, self.priors)
        values = pseudobulk(self.counts, made, self.spec.pseudobulk)
        return Samples(randomised(values, self.spec.gene_factor_sd, self.spec.jitter_sd, rng), made)

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([self.seed, stream]))


def prepare(
    counts: sparse.csr_matrix,
    codes: np.ndarray,
    labels: Sequence[str],
    genes: Sequence[str],
    spec: DeconvolveSpec,
    transform: TransformSpec,
    *,
    seed: int,
    library: np.ndarray | None = None,
) -> Plan:
    """Split the cells, learn signature and transform from the training side.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts of the reference on the selected genes.
    codes
        (n_cells,), number of each cell's type in ``labels``.
    library
        (n_cells,), counts of each cell over all genes, for the mRNA content.

    Raises
    ------
    DataError
        If a type has fewer than two cells, or there is only one type.
    SpecError
        If ranges of proportions or cells per mixture do not fit.
    """
    labels, genes = tuple(labels), tuple(genes)
    if len(labels) < 2:
        raise DataError("A composition needs at least two cell types", list(labels), "Choose another label column")
    counts = sparse.csr_matrix(counts, dtype=np.float32)
    rng = np.random.default_rng(np.random.SeedSequence([seed, SPLIT]))
    train_rows, test_rows = split_cells(codes, labels, spec.train_cells, rng, balanced=spec.balanced)
    train, test = (pool_of(codes, len(labels), rows) for rows in (train_rows, test_rows))
    profiles = signature(
        counts[train_rows],
        codes[train_rows],
        len(labels),
        None if library is None else library[train_rows],
        labels,
    )
    priors = prior_ranges(spec.prior_ranges, labels, train.frequencies)
    learning = np.random.default_rng(np.random.SeedSequence([seed, LEARN]))
    made = mixtures(train, min(TRANSFORM_MIXTURES, spec.mixtures), spec, learning, priors)
    samples = randomised(pseudobulk(counts, made, spec.pseudobulk), spec.gene_factor_sd, spec.jitter_sd, learning)
    fitted = fit_transform(on_selected_genes(samples, UNITS[spec.pseudobulk], genes), transform, rng=learning)
    return Plan(counts, genes, labels, spec, train, test, priors, profiles, fitted, seed)
