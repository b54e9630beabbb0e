"""evaluate: the papers' experiments on the data at hand, each network trained anew on each split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from core.data.align import Aligned, align
from core.data.features import select
from core.data.split import stratified_split
from core.data.transform import FittedTransform, fit, fit_apply
from core.errors import SpecError
from core.evaluation.experiments import beside_claims, run_experiments, summary
from core.export.tables import write_table
from core.model import TrainedModel
from core.networks.network import Network
from core.runs.run import Run
from core.specs import ClassSpec, EvaluateSpec, ObjectiveSpec, RunSpec, TransformSpec
from core.tasks.gene_set_layer import GeneSetLayer, learned_of, with_gene_sets
from core.tasks.gene_steps import keep_steps
from core.tasks.judge import dense
from core.tasks.load import gene_sets, inputs, labelled, present
from core.tasks.members import needs_components, train_members
from core.tasks.outputs import write_summary
from core.tasks.prepare import SPLIT, TRANSFORM, numbered, require_counts, rng
from core.tasks.progress import Progress, Stopped
from core.training.batches import ArrayBatches
from core.training.predict import outputs

LABEL_FREE_RULES = ("all", "variable", "own_list", "gene_sets")


def perform(run: Run, progress: Progress) -> None:
    """Write evaluation.csv, evaluation_summary.csv, claims.csv, the model of the first split, and summary.json."""
    spec = run.spec
    if spec.features.rule not in LABEL_FREE_RULES:
        raise SpecError(
            "This rule looks at the labels of cells kept for the test",
            spec.features.rule,
            f"Set features.rule to {' or '.join(LABEL_FREE_RULES)}",
        )
    data = inputs(spec, progress, "reference")
    reference = labelled(present(data.reference))
    progress.phase("Choosing genes")
    sets = gene_sets(spec.data)
    features = select(reference, spec.features, gene_sets=sets)
    keep_steps(features, progress)
    spec, layer = with_gene_sets(spec, sets, features.genes, run.directory)
    cells = align(reference, features.genes)
    require_counts(spec, cells)
    _, classes = numbered(reference)
    expression = fit(cells, TransformSpec(normalise=spec.data.transform.normalise), rng=rng(spec, TRANSFORM))
    values = dense(expression.apply(cells))
    trainer = Trainer(spec, progress, features.genes, len(classes), layer)
    rows = run_experiments(
        values,
        reference.labels.astype(str).to_numpy(),
        cast("EvaluateSpec", spec.analysis),
        trainer,
        seed=spec.seed,
        n_code=spec.network.code_units,
    )
    write_table(rows, "evaluation", run.directory)
    write_table(summary(rows), "evaluation_summary", run.directory)
    write_table(beside_claims(rows), "claims", run.directory)
    first = trainer.first
    learned = learned_of(layer)
    TrainedModel(spec, (first.network,), features, first.transform, classes, learned).save(run.model_path)
    write_summary(
        run,
        data.fingerprints(),
        cells=reference.n_cells,
        genes=len(features.genes),
        classes=list(classes),
        networks_trained=trainer.trained,
    )


@dataclass(frozen=True)
class Trained:
    """A network behind a transform, both learned from the training cells of one split alone."""

    network: Network
    transform: FittedTransform
    genes: tuple[str, ...]

    def code(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) expression -> (n_cells, n_units)."""
        return outputs(self.network, self._seen(x), names={"code"})["code"]

    def rebuild(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) expression -> reproduced profiles of the same shape and unit."""
        return self.transform.restore(outputs(self.network, self._seen(x), names={"reconstruction"})["reconstruction"])

    def class_probabilities(self, x: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes) expression -> (n_cells, n_types), rows sum to one."""
        from scipy.special import softmax

        return softmax(outputs(self.network, self._seen(x), names={"class_logits"})["class_logits"], axis=1)

    def _seen(self, x: np.ndarray) -> np.ndarray:
        return dense(self.transform.apply(as_values(x, self.genes)))


class Trainer:
    """Trains a network of the recipe on the training cells of a split, with or without its class head."""

    def __init__(
        self,
        spec: RunSpec,
        progress: Progress,
        genes: tuple[str, ...],
        n_types: int,
        layer: GeneSetLayer | None = None,
    ) -> None:
        self.spec, self.progress, self.genes, self.n_types, self.layer = spec, progress, genes, n_types, layer
        self.trained = 0
        self._first: Trained | None = None

    @property
    def first(self) -> Trained:
        """The network trained first, for the model file."""
        assert self._first is not None, "every experiment trains a network"
        return self._first

    def __call__(self, train_values: np.ndarray, train_labels: np.ndarray, with_classes: bool, seed: int) -> Trained:
        """A network trained from scratch on (n_cells, n_genes) expression and type numbers."""
        spec = self.spec.model_copy(update={"objective": _objective(self.spec, with_classes), "seed": seed})
        self.trained += 1
        learn, check = np.arange(len(train_values)), np.arange(0)
        if spec.training.validation_share > 0:
            learn, check = stratified_split(train_labels, spec.training.validation_share, rng(spec, SPLIT))
        cells = as_values(train_values, self.genes)
        scaling = spec.data.transform.model_copy(update={"normalise": "none"})
        transform, x = fit_apply(cells, learn, scaling, rng=rng(spec, TRANSFORM))
        labels = train_labels if with_classes else None
        (network, *_) = train_members(
            spec.model_copy(update={"training": spec.training.model_copy(update={"members": 1})}),
            self.progress,
            ArrayBatches(x, labels, among=learn),
            ArrayBatches(x, labels, among=check) if len(check) else None,
            transform.n_inputs,
            self.n_types if with_classes else 0,
            labels=None if labels is None else labels[learn],
            start_from=x[learn] if needs_components(spec) else None,
            mask=self.layer.mask if self.layer else None,
            stage=f"{'with' if with_classes else 'without'} class head, training {self.trained}",
        )
        if self.progress.stopping():
            raise Stopped  # a network cut short would be compared with baselines that were not
        found = Trained(network, transform, self.genes)
        if self._first is None:
            self._first = found
        return found


def as_values(x: np.ndarray, genes: tuple[str, ...]) -> Aligned:
    """Expression (n_cells, n_genes) that is not to be normalised again."""
    return Aligned(x, np.ones(len(x)), "values", genes)


def _objective(spec: RunSpec, with_classes: bool) -> ObjectiveSpec:
    classes = (spec.objective.classes or ClassSpec()) if with_classes else None
    return spec.objective.model_copy(update={"classes": classes})
