"""A run in full: what ``run.json`` holds and what a recipe file says."""

from __future__ import annotations

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.analysis import AnalysisSpec, RepresentSpec
from core.specs.base import Spec
from core.specs.data import DataSpec
from core.specs.features import FeatureSpec
from core.specs.network import NetworkSpec
from core.specs.objective import ObjectiveSpec
from core.specs.training import TrainSpec

UNOPENED = {
    "represent": ("query", "bulk", "truth"),
    "annotate": ("bulk", "truth", "gene_sets"),
    "deconvolve": ("query", "gene_sets"),
    "evaluate": ("query", "bulk", "truth", "gene_sets"),
}
"""Parts of the data that a run of each task never opens; gene sets only where they choose the genes."""


class RunSpec(Spec):
    """Data, features, network, objective, training and analysis: enough to repeat a run."""

    recipe: str = Field(default="", title="Recipe", description="Name of the recipe this began as.")
    name: str = Field(default="", title="Name", description="What the run is called on screen.")
    data: DataSpec = Field(default_factory=DataSpec)
    features: FeatureSpec = Field(default_factory=FeatureSpec)
    network: NetworkSpec = Field(default_factory=NetworkSpec)
    objective: ObjectiveSpec
    training: TrainSpec = Field(default_factory=TrainSpec)
    analysis: AnalysisSpec = Field(default_factory=RepresentSpec)
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, title="Seed", description="The same seed repeats the same numbers."
    )

    @property
    def task(self) -> str:
        return self.analysis.task

    @property
    def unopened(self) -> tuple[str, ...]:
        """Parts of the data that this run never opens."""
        by_genes = self.features.rule == "gene_sets"
        return tuple(name for name in UNOPENED[self.task] if not (by_genes and name == "gene_sets"))

    def opened(self) -> RunSpec:
        """The same run without the files it never opens."""
        return self.model_copy(update={"data": self.data.model_copy(update=dict.fromkeys(self.unopened))})

    @model_validator(mode="after")
    def _parts_agree(self) -> RunSpec:
        objective, network = self.objective, self.network
        if self.task == "annotate" and not objective.classes:
            raise SpecError("Annotation needs a head that tells cell types apart", None, "Switch on objective.classes")
        if self.task == "deconvolve" and not objective.proportions:
            raise SpecError(
                "Composition needs a head that predicts proportions", None, "Switch on objective.proportions"
            )
        if self.task == "evaluate" and not objective.reconstruction:
            raise SpecError(
                "Evaluation needs a head that rebuilds the genes", None, "Switch on objective.reconstruction"
            )
        if self.task != "deconvolve" and objective.proportions:
            raise SpecError("Proportions are learned from mixtures", self.task, "Use the analysis task deconvolve")
        loss = objective.reconstruction.loss if objective.reconstruction else ""
        if loss in ("poisson", "negative_binomial"):
            transform = self.data.transform
            if transform.scale in ("zscore", "centre") or transform.components:
                raise SpecError(f"A {loss} loss needs counts, never negative", transform.scale, "Set scale to none")
            if network.output_activation != "softplus":
                raise SpecError(
                    f"A {loss} loss needs positive output", network.output_activation, "Set the output to softplus"
                )
        if objective.orthogonality > 0:
            below = network.encoder[-1].units if network.code and network.encoder else None
            if below is not None and network.code_units > below:
                raise SpecError(
                    "More code units than inputs cannot be kept orthogonal",
                    network.code_units,
                    f"Use at most {below} units or no orthogonality",
                )
        if self.training.batch_size == 1 and self._uses_batch_norm():
            raise SpecError("Batch norm needs more than one cell per batch", 1, "Use a larger batch or layer norm")
        return self

    def _uses_batch_norm(self) -> bool:
        layers = self.network.hidden + (self.network.decoder_layers if self.objective.reconstruction else ())
        head = self.objective.classes.hidden if self.objective.classes else ()
        softmax = self.objective.proportions is not None and self.objective.proportions.batch_norm
        return self.network.input_norm or softmax or any(layer.norm == "batch" for layer in (*layers, *head))
