"""The steps of a deconvolution in their order, as pure functions around one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.composition.content import cell_factors
from core.composition.inputs import network_input, on_selected_genes
from core.composition.mixtures import from_counts
from core.composition.pool import Pool, pool_of
from core.composition.priors import prior_ranges
from core.composition.pseudobulk import UNITS
from core.composition.randomise import randomised
from core.composition.signature import Signature, read_shares, signature
from core.composition.simulated.rare_types import AddedCells, added_cells
from core.composition.simulation import Samples, Simulation
from core.composition.split import split_cells
from core.composition.stream import FreshMixtures
from core.composition.unknown import UNKNOWN, require_no_such_type
from core.data.normalise import linear
from core.data.transform import fit as fit_transform
from core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from core.data.transform import FittedTransform
    from core.specs import DeconvolveSpec, TransformSpec

TRANSFORM_MIXTURES = 2000
CALIBRATION_SD = 1.0
CALIBRATION_JITTER = 0.15
EVEN_CELLS = 500
EVEN_MIXTURES = 1000
SPLIT, LEARN, TRAIN, MONITOR, TEST, CALIBRATE, EVEN, GRADED, SIMULATE, PLAIN = range(10)


@dataclass(frozen=True)
class Plan:
    """Everything simulated mixtures are made from; each simulation has a random stream of its own.

    Attributes
    ----------
    genes, labels
        Names of the columns and of the types.
    spec
        Settings of the deconvolution.
    simulation
        How samples are made.
    train, test
        The cells of each side, none on both; simulated cells are in ``train`` alone.
    signature
        Mean counts per cell of each type, or per read where shares of reads are asked for; real training cells only.
    transform
        Learned from training samples.
    seed
        Fixes all that is drawn.
    factors
        (n_cells,), what the counts of each cell were multiplied by; ``None`` where nothing was done to them.
    added
        Simulated cells of rare types; ``None`` where there are none.
    silent
        Cells without a count on the selected genes, which are left out.
    """

    genes: tuple[str, ...]
    labels: tuple[str, ...]
    spec: DeconvolveSpec
    simulation: Simulation
    train: Pool
    test: Pool
    signature: Signature
    transform: FittedTransform
    seed: int
    factors: np.ndarray | None = None
    added: AddedCells | None = None
    silent: int = 0

    @property
    def answers(self) -> tuple[str, ...]:
        """What the networks give shares of: the types, and what is unknown where the spec asks for it."""
        return (*self.labels, UNKNOWN) if self.spec.unknown else self.labels

    @property
    def frequencies(self) -> np.ndarray:
        """(n_types,), the reference's own shares: of its cells, or of their reads where reads are asked for."""
        cells = self.simulation.frequencies
        content = self.simulation.content
        return read_shares(cells, content) if self.spec.answer == "reads" else cells

    def signature_of(self, counts: sparse.csr_matrix) -> Signature:
        """The signature of training cells on other genes than those selected.

        ``counts``: (n_cells, n_genes), raw counts of all real cells of the reference.
        """
        rows = self.train.rows[self.train.rows < len(counts.indptr) - 1]
        counts = counts[rows] if self.factors is None else _scaled(counts[rows], self.factors[rows])
        made = self.simulation
        found = signature(counts, made.codes[rows], len(self.labels), made.weights[rows], self.labels)
        return found.per_read() if self.spec.answer == "reads" else found

    @property
    def n_train(self) -> int:
        """Mixtures for training, in all or in each epoch."""
        return max(1, round(self.spec.mixtures * self.spec.train_mixtures))

    @property
    def n_test(self) -> int:
        """Mixtures for the test."""
        return max(1, self.spec.mixtures - self.n_train)

    def fresh(self, member: int) -> FreshMixtures:
        """New training samples in each epoch, others for each ``member`` of the ensemble."""
        absent = self.transform.scaling.apply(self.transform.means[None].copy())[0] if self._by_gene else None
        seed = int(np.random.SeedSequence([self.seed, TRAIN, member]).generate_state(1)[0])
        return FreshMixtures(self.simulation, self.train, self.to_input, seed, self.n_train, absent)

    def training(self) -> Samples:
        """The fixed pool of training samples, gene factors applied."""
        n = self.simulation.n_training(self.train, self.n_train)
        return self.simulation.training(self.train, self.n_train, n, self._rng(TRAIN))

    def monitoring(self, share: float) -> Samples:
        """Further mixtures of training cells for the validation curve: ``share`` of the number trained on."""
        rng = self._rng(MONITOR)
        made = self.simulation.designed(self.train, max(2, round(share * self.n_train)), rng)
        return replace(made, values=randomised(made.values, self.spec.gene_factor_sd, self.spec.jitter_sd, rng))

    def testing(self) -> Samples:
        """Mixtures of test cells by the same design, without gene factors: the held-out score."""
        return self.simulation.designed(self.test, self.n_test, self._rng(TEST))

    def even(self) -> Samples:
        """1,000 mixtures of 500 test cells whose shares are Dirichlet(1), without gene factors or an unknown part.

        They are the same whatever the design, so that recipes can be compared by them.
        """
        return self._even(self._rng(EVEN), unknown=False)

    def plain(self) -> Samples:
        """Other mixtures made as ``even``: what the linear model is to be measured by."""
        return self._even(self._rng(PLAIN), unknown=False)

    def calibration(self) -> Samples:
        """As ``even``, each sample with gene factors of its own, half with an unknown part where that is learned."""
        rng = self._rng(CALIBRATE)
        even = self._even(rng)
        return replace(even, values=self._distorted(even.values, rng))

    def graded(self) -> Samples:
        """As ``even``, every other one with gene factors of its own, whose spread is anything up to the full one."""
        rng = self._rng(GRADED)
        even = self._even(rng)
        values = even.values.copy()
        values[::2] = self._distorted(values[::2], rng, graded=True)
        return replace(even, values=values)

    def _distorted(self, values: np.ndarray, rng: np.random.Generator, *, graded: bool = False) -> np.ndarray:
        if self.spec.pseudobulk == "mean_cpm":
            return values
        sd, jitter = self.spec.gene_factor_sd or CALIBRATION_SD, self.spec.jitter_sd or CALIBRATION_JITTER
        return randomised(values, sd, jitter, rng, group=1, graded=graded)

    def _even(self, rng: np.random.Generator, *, unknown: bool = True) -> Samples:
        shares = rng.dirichlet(np.ones(len(self.labels)), EVEN_MIXTURES)
        made = from_counts(self.test, rng.multinomial(EVEN_CELLS, shares), rng)
        return self.simulation.of(made, rng, unknown=unknown)

    def to_input(self, samples: np.ndarray) -> np.ndarray:
        """Network input of simulated samples: (n, n_genes) -> (n, n_inputs), float32."""
        return network_input(samples, UNITS[self.spec.pseudobulk], self.genes, self.transform)

    def linear_values(self, samples: np.ndarray) -> np.ndarray:
        """Simulated samples on a linear scale, for the signature: (n, n_genes), float64."""
        return linear(samples, UNITS[self.spec.pseudobulk], samples.sum(axis=1))

    @property
    def _by_gene(self) -> bool:
        return self.transform.loadings is None

    def _rng(self, stream: int) -> np.random.Generator:
        return _stream(self.seed, stream)


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
    covariates: pd.DataFrame | None = None,
    alone: np.ndarray | None = None,
) -> Plan:
    """Split the cells, add simulated ones where a type has few, learn signature and transform from the training side.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts of the reference on the selected genes.
    codes
        (n_cells,), number of each cell's type in ``labels``.
    library
        (n_cells,), counts of each cell over all genes, for the mRNA content.
    covariates
        Columns of the cells that simulated ones take after, beside type and library size.
    alone
        (n_genes,), True for genes that bulk samples show and no type does; what is unknown shows some of them.

    Raises
    ------
    DataError
        If a type has fewer than two cells, there is only one type, or cells cannot be simulated.
    SpecError
        If ranges of proportions, mRNA factors or cells per mixture do not fit.
    """
    labels, genes = tuple(labels), tuple(genes)
    if len(labels) < 2:
        raise DataError("A composition needs at least two cell types", list(labels), "Choose another label column")
    if spec.unknown:
        require_no_such_type(labels)
    counts = sparse.csr_matrix(counts, dtype=np.float32)
    totals = np.asarray(counts.sum(axis=1), dtype=float).ravel()
    library = totals if library is None else np.asarray(library, dtype=float)
    train_rows, test_rows = split_cells(codes, labels, spec.train_cells, _stream(seed, SPLIT), balanced=spec.balanced)
    added = None
    if spec.simulate_to:
        drawing = _stream(seed, SIMULATE)
        added = added_cells(counts, codes, labels, library, genes, train_rows, test_rows, spec, drawing, covariates)
    if added is not None:
        train_rows = np.concatenate([train_rows, len(codes) + np.arange(len(added.codes))])
        counts = sparse.csr_matrix(sparse.vstack([counts, added.counts], format="csr"), dtype=np.float32)
        totals = np.concatenate([totals, np.asarray(added.counts.sum(axis=1), dtype=float).ravel()])
        codes, library = np.concatenate([codes, added.codes]), np.concatenate([library, added.library])
    real = train_rows[train_rows < len(totals) - (len(added.codes) if added else 0)]
    factors = cell_factors(library, codes, labels, spec)
    if factors is not None:
        counts, library = _scaled(counts, factors), library * factors
    profiles = signature(counts[real], codes[real], len(labels), library[real], labels)
    # cells that none of the selected genes was seen in tell nothing, and one alone would make an empty mixture
    train, test = (pool_of(codes, len(labels), rows[totals[rows] > 0]) for rows in (train_rows, test_rows))
    frequencies = np.bincount(codes[real], minlength=len(labels)) / len(real)
    priors = prior_ranges(spec.prior_ranges, labels, frequencies)
    alone = np.zeros(len(genes), dtype=bool) if alone is None else alone
    simulation = Simulation(counts, library, codes, profiles.profiles, spec, priors, frequencies, alone)
    learning = _stream(seed, LEARN)
    n = min(TRANSFORM_MIXTURES, spec.mixtures)
    samples = simulation.training(train, round(spec.mixtures * spec.train_mixtures), n, learning)
    fitted = fit_transform(on_selected_genes(samples.values, UNITS[spec.pseudobulk], genes), transform, rng=learning)
    used = profiles.per_read() if spec.answer == "reads" else profiles
    silent = int((totals == 0).sum())
    return Plan(genes, labels, spec, simulation, train, test, used, fitted, seed, factors, added, silent)


def _scaled(counts: sparse.csr_matrix, factors: np.ndarray) -> sparse.csr_matrix:
    rows = np.repeat(factors, np.diff(counts.indptr)).astype(np.float32)
    return sparse.csr_matrix((counts.data * rows, counts.indices, counts.indptr), counts.shape)


def _stream(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, purpose]))
