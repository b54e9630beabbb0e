"""The reference behind a composition network: samples to ask about, and what each type expresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from core.composition.asked import Asked, from_cells, from_signature
from core.composition.plan import Plan, prepare
from core.composition.signature import Signature
from core.composition.unknown import UNKNOWN
from core.data.align import align
from core.data.join import read_types, with_common_types
from core.data.markers import marker_scores
from core.data.quality import apply
from core.data.read import read
from core.errors import DataError, SpecError
from core.specs import DeconvolveSpec, SourceSpec, TransformSpec
from core.tasks.finished import model_of, reference_of
from core.tasks.prepare import numbered
from core.tasks.reference_at_hand import at_hand

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.model import TrainedModel
    from core.runs.run import Run


FEW_MIXTURES = 40
"""Mixtures made beside the split of the cells, which nothing is learned from."""


@dataclass(frozen=True)
class Expression:
    """Of the model's genes.

    ``mean`` and ``others``: (n_types, n_genes), mean ln(1 + CP10K) in the cells of a type and in all other cells.
    ``order``: for each type the numbers of its markers, the strongest first.
    """

    mean: np.ndarray
    others: np.ndarray
    order: list[np.ndarray]


@dataclass(frozen=True)
class Shown:
    """One reference of a run with its model; ``cells`` is ``None`` where its file is not at hand.

    ``name``: what it is called; empty for a model that came without one. ``of``: references that the run learned from.
    """

    model: TrainedModel
    cells: Dataset | None
    name: str
    of: int

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the reference: the model's answers without what is unknown."""
        return tuple(name for name in self.model.classes if name != UNKNOWN)

    def samples(self, n: int, *, mixed: bool) -> Asked:
        """``n`` samples for each type: of it alone, or of all types ``mixed`` evenly."""
        if self._plan is None:
            cells = cast("DeconvolveSpec", self.model.spec.analysis).cells_high
            return from_signature(self._signature, cells, n, seed=self.model.spec.seed, mixed=mixed)
        return from_cells(self._plan, n, mixed=mixed)

    def expression(self) -> Expression:
        """What each type expresses, from the cells or from the model's mean profiles."""
        return _of_profiles(self._signature) if self.cells is None else _of_cells(self.cells, self.model)

    @cached_property
    def _plan(self) -> Plan | None:
        """The plan of the run as far as its test cells go: their split and how they enter a mixture."""
        if self.cells is None:
            return None
        codes, labels = numbered(self.cells)
        if labels != self.types:
            raise DataError(
                "The reference no longer has the types that the model knows", list(labels), "Train again on the file"
            )
        run = cast("DeconvolveSpec", self.model.spec.analysis)
        cells, few = align(self.cells, self.model.genes), min(run.mixtures, FEW_MIXTURES)
        # the model brings its transform, and simulated cells are no test cells: neither is made anew
        spec = run.model_copy(update={"simulate_to": 0, "mixtures": few})
        seed = self.model.spec.seed
        return prepare(
            cells.values, codes, labels, self.model.genes, spec, TransformSpec(), seed=seed, library=cells.library
        )

    @property
    def _signature(self) -> Signature:
        return Signature.from_dict(self.model.learned["signature"])


def reference_shown(run: Run, number: int = 1) -> Shown:
    """The reference with this ``number``, the first being 1, read again where its file is at hand.

    Raises
    ------
    RunError
        If the run has no model.
    SpecError
        If it learned from fewer references.
    DataError
        If the file is not the one that the run read.
    """
    whole, spec = model_of(run), run.spec.data
    if number > len(whole.each):
        remedy = f"Set analysis.gradients.reference to {len(whole.each)} or less"
        raise SpecError("The run has no networks of such a reference", number, remedy)
    model = whole.each[number - 1]
    sources = [source for source in (spec.reference, *spec.more_references) if source is not None]
    if not at_hand(run.spec) or not sources:
        return Shown(model, None, "", len(whole.each))
    apart = len(whole.each) > 1
    cells = _one_of_several(run, sources[number - 1], number) if apart else reference_of(run)
    return Shown(model, cells, sources[number - 1].called, len(whole.each))


def _one_of_several(run: Run, source: SourceSpec, number: int) -> Dataset:
    """A reference by itself, its labels brought to the names that all references share."""
    spec = run.spec.data
    dataset = read(source, "reference")
    known = str(run.summary.get("fingerprints", {}).get("reference", "")).split("+")
    if number <= len(known) and known[number - 1] not in ("", dataset.fingerprint):
        raise DataError(
            "The reference file has changed since this run was trained", source.path, "Train again on the file"
        )
    types = read_types(Path(spec.types)) if spec.types else None
    return apply(with_common_types([dataset], types)[0], spec.quality)[0]


def _of_cells(cells: Dataset, model: TrainedModel) -> Expression:
    scores = marker_scores(cells, list(model.genes))
    return Expression(scores.moments.mean, scores.rest.mean, [scores.order[name] for name in scores.labels])


def _of_profiles(signature: Signature) -> Expression:
    """Types ranked by how far the logarithm of their mean profile exceeds that of the others' mean."""
    mean = np.log1p(1e4 * (signature.profiles / signature.content).T)
    others = np.stack([np.delete(mean, number, axis=0).mean(axis=0) for number in range(len(mean))])
    ahead = mean - others
    order = [np.argsort(-row, kind="stable")[: int((row > 0).sum())] for row in ahead]
    return Expression(mean, others, order)
