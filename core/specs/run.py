"""A run in full: what ``run.json`` holds and what a recipe file says."""

from __future__ import annotations

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.analysis import AnalysisSpec, AnnotateSpec, RepresentSpec
from core.specs.base import Spec
from core.specs.composition import DeconvolveSpec
from core.specs.data import DataSpec
from core.specs.features import FeatureSpec
from core.specs.network import NetworkSpec
from core.specs.objective import COUNT_LOSSES, ObjectiveSpec
from core.specs.training import TrainSpec

OF_BULK = ("bulk", "more_bulk", "truth", "samples")
UNOPENED = {
    "represent": ("query", *OF_BULK, "bridge"),
    "annotate": (*OF_BULK, "gene_sets"),
    "deconvolve": ("query", "gene_sets", "bridge"),
    "evaluate": ("query", *OF_BULK, "gene_sets", "bridge"),
}
"""Parts of the data that a run of each task never opens; gene sets only where they choose genes or make a layer."""

STREAMED = ("represent", "annotate")
"""Tasks that can read their cells from disk in blocks."""


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
        by_sets = self.features.rule == "gene_sets" or self.network.gene_sets is not None
        return tuple(name for name in UNOPENED[self.task] if not (by_sets and name == "gene_sets"))

    def opened(self) -> RunSpec:
        """The same run without the files it never opens."""
        return self.model_copy(update={"data": self.data.without(*self.unopened)})

    def require_runnable(self) -> None:
        """Refuse what may stand in a file or a draft but cannot be trained: parts that are not there yet.

        Raises
        ------
        SpecError
            With the first thing that stands against it.
        """
        head, normalise = self.objective.reconstruction, self.data.transform.normalise
        if self.network.gene_sets and not self.data.gene_sets:
            raise SpecError(
                "The first layer is to be made of gene sets, and there are none",
                self.data.gene_sets,
                "Bring gene sets on the Data page or by --set data.gene_sets=FILE, or set network.gene_sets to null",
            )
        if head and head.counts and normalise != "none":
            raise SpecError(
                f"A {head.loss} loss compares raw counts, not normalised values",
                normalise,
                "Set data.transform.normalise to none, or the loss to mse",
            )
        by_validation = isinstance(self.analysis, AnnotateSpec) and self.analysis.calibration == "validation"
        if by_validation and not self.training.validation_share:
            raise SpecError(
                "Calibration on the validation cells needs some",
                self.training.validation_share,
                "Set training.validation_share above 0, or analysis.calibration to folds",
            )
        if self.training.monitor not in self.objective.watched:
            raise SpecError(
                "Training watches a value that this network does not report",
                self.training.monitor,
                f"Set training.monitor to one of: {', '.join(self.objective.watched)}",
            )

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
        if self.data.transform.scale == "sample_minmax":
            self._own_range_fits()
        if objective.reconstruction and objective.reconstruction.counts:
            self._counts_fit(objective.reconstruction.loss)
        if network.library_size:
            self._library_size_fits()
        if network.input_log:
            self._input_is_counts()
        if network.gene_sets and self.data.transform.components:
            raise SpecError(
                "A layer of gene sets needs genes, not principal components",
                self.data.transform.components,
                "Leave data.transform.components empty",
            )
        if self.task == "deconvolve" and self.data.transform.normalise == "tfidf":
            raise SpecError(
                "TF-IDF is learned from cells, and mixtures are not cells",
                "data.transform.normalise tfidf",
                "Set data.transform.normalise to log1p_cp10k",
            )
        if objective.orthogonality > 0:
            below = network.encoder[-1].units if network.code and network.encoder else None
            if network.gene_sets and len(network.encoder) == 1:
                below = None  # the gene-set file decides, so the check is made when the network is built
            if below is not None and network.code_units > below:
                raise SpecError(
                    "More code units than inputs cannot be kept orthogonal",
                    network.code_units,
                    f"Use at most {below} units or no orthogonality",
                )
        if self.training.batch_size == 1 and self._uses_batch_norm():
            raise SpecError("Batch norm needs more than one cell per batch", 1, "Use a larger batch or layer norm")
        if self.data.on_disk == "always":
            self._cells_can_stay_on_disk()
        self._levels_have_one_source()
        return self

    def _own_range_fits(self) -> None:
        """Refuse what a sample's own range stands in the way of."""
        if self.objective.reconstruction:
            raise SpecError(
                "Genes scaled by each cell's own range cannot be turned back into genes",
                "data.transform.scale sample_minmax",
                "Set data.transform.scale to zscore, or switch off objective.reconstruction",
            )
        if isinstance(self.analysis, DeconvolveSpec) and self.analysis.gene_drop:
            raise SpecError(
                "A gene that is lost has no value where each sample has a range of its own",
                f"analysis.gene_drop {self.analysis.gene_drop:g}",
                "Set analysis.gene_drop to 0, or data.transform.scale to zscore",
            )

    def _levels_have_one_source(self) -> None:
        """Refuse levels of labels both from columns and from groups: they would be two trees."""
        source, query = self.data.reference, self.data.query
        if query and query.coarser_columns:
            remedy = "Leave data.query.coarser_columns empty, or give these columns to the reference"
            raise SpecError("Levels of labels are learned from the reference", list(query.coarser_columns), remedy)
        if isinstance(self.analysis, AnnotateSpec) and self.analysis.groups and source and source.coarser_columns:
            raise SpecError(
                "Levels of labels come from columns of the reference or from grouping its types, not from both",
                list(source.coarser_columns),
                "Leave analysis.groups or data.reference.coarser_columns empty",
            )

    def _cells_can_stay_on_disk(self) -> None:
        """Refuse what needs all cells in memory."""
        remedy = "Set data.on_disk to auto"
        if self.task not in STREAMED:
            raise SpecError(f"The task {self.task} needs all cells in memory", "data.on_disk always", remedy)
        if isinstance(self.analysis, AnnotateSpec) and self.analysis.smoothing:
            raise SpecError("Smoothing compares all cells in memory", "data.on_disk always", remedy)
        if self.task == "annotate" and self.data.bridge:
            raise SpecError("A bridge is read into memory", "data.on_disk always", remedy)
        if self.data.more_references:
            raise SpecError("Several references are joined in memory", "data.on_disk always", remedy)

    def _counts_fit(self, loss: str) -> None:
        """Refuse what a count loss cannot be compared with."""
        transform, output = self.data.transform, self.network.output_activation
        if transform.scale in ("zscore", "centre") or transform.components:
            raise SpecError(f"A {loss} loss needs counts, never negative", transform.scale, "Set scale to none")
        if output not in ("softplus", "softmax"):
            raise SpecError(f"A {loss} loss needs positive output", output, "Set the output to softplus")

    def _input_is_counts(self) -> None:
        """Refuse the logarithm of what is no count."""
        transform = self.data.transform
        if transform.normalise != "none" or transform.scale != "none" or transform.components:
            raise SpecError(
                "The log of the input is for raw counts, and the input is something else",
                transform.normalise if transform.normalise != "none" else transform.scale,
                "Switch off network.input_log, or set data.transform.normalise and data.transform.scale to none",
            )

    def _library_size_fits(self) -> None:
        """Refuse a library-size offset where the values do not add up to a cell's counts."""
        head, transform = self.objective.reconstruction, self.data.transform
        if head is None or not head.counts:
            raise SpecError(
                "A library-size offset multiplies shares of counts, so it needs a loss of counts",
                head.loss if head else None,
                f"Set objective.reconstruction.loss to {', '.join(COUNT_LOSSES)}, or switch the offset off",
            )
        if transform.normalise != "none" or transform.scale != "none":
            raise SpecError(
                "A library-size offset needs raw counts: other values do not add up to a cell's total",
                transform.normalise if transform.normalise != "none" else transform.scale,
                "Set data.transform.normalise and data.transform.scale to none",
            )

    def _uses_batch_norm(self) -> bool:
        layers = self.network.hidden + (self.network.decoder_layers if self.objective.reconstruction else ())
        head = self.objective.classes.hidden if self.objective.classes else ()
        softmax = self.objective.proportions is not None and self.objective.proportions.batch_norm
        return self.network.input_norm or softmax or any(layer.norm == "batch" for layer in (*layers, *head))
