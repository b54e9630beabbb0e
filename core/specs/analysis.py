"""What is computed with the trained network: one spec for each verb, and the views that all share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.errors import SpecError
from core.specs.activity import ActivitySpec
from core.specs.base import Spec
from core.specs.bridge import BridgeSpec
from core.specs.composition import DeconvolveSpec
from core.specs.evidence import EvidenceSpec
from core.specs.impact import ImpactSpec
from core.specs.smoothing import SmoothingSpec
from core.specs.units import CheckSpec, UnitSpec


class EmbeddingSpec(Spec):
    """The two-dimensional pictures."""

    components: int = Field(
        default=50, ge=2, le=200, title="Principal components", description="Of the input, before UMAP."
    )
    neighbours: int = Field(
        default=15, ge=2, le=200, title="Neighbours", description="Larger values show the broad shape."
    )
    min_dist: float = Field(
        default=0.5, ge=0, le=1, title="Smallest distance", description="Smaller values pack similar cells tighter."
    )
    epochs: int | None = Field(
        default=None, ge=10, le=5000, title="Epochs", description="Layout steps; empty: by size."
    )
    landmarks: int | None = Field(
        default=None,
        ge=1000,
        title="Landmarks",
        description="Cells that UMAP places itself; the others go between the nearest of them. Fewer are quicker. "
        "Empty: all cells up to 200,000, else 50,000 of them.",
    )


class RepresentSpec(Spec):
    """Codes, embedding and pathway impact."""

    task: Literal["represent"] = "represent"
    embedding: EmbeddingSpec = Field(default_factory=EmbeddingSpec)
    impact: ImpactSpec = Field(default_factory=ImpactSpec, title="Pathway impact")
    activity: ActivitySpec = Field(default_factory=ActivitySpec, title="Activity of gene sets")
    units: UnitSpec = Field(default_factory=UnitSpec, title="Code units")
    checks: CheckSpec = Field(default_factory=CheckSpec, title="Checks of the code")


class VotingSpec(Spec):
    """Who votes on the type of a cell beside the cell itself."""

    over: Literal["neighbours", "clusters", "majority"] = Field(
        default="neighbours",
        title="Voters",
        description="neighbours: the nearest query cells. clusters: the cells of the same Leiden cluster of the query. "
        "majority: all cells of a cluster get its commonest type, as CellTypist does; with CellTypist this cost 5 to "
        "17 points of macro-F1 on four pairs of data sets, since rare types are outvoted.",
    )
    share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        title="The voters' share",
        description="Weight of the voters' mean probability against the cell's own; a majority has the whole say.",
    )
    neighbours: int = Field(
        default=10, ge=2, le=200, title="Neighbours that vote", description="Where neighbours vote: so many for a cell."
    )
    resolution: float = Field(
        default=2.0,
        gt=0,
        le=50,
        title="Cluster resolution",
        description="Where clusters vote: larger values give more and smaller clusters.",
    )
    least_cells: int = Field(
        default=10,
        ge=2,
        title="Cells of a cluster, at least",
        description="Smaller clusters do not vote: their cells may be rare types.",
    )


class AnnotateSpec(Spec):
    """Cell types for query cells."""

    task: Literal["annotate"] = "annotate"
    query_scaling: Literal["reference", "query", "both"] = Field(
        default="reference",
        title="Scale the query by",
        description="reference: its statistics. query: the query's own, for other protocols. both: mean of both.",
    )
    smoothing: SmoothingSpec | None = Field(
        default=None,
        title="Smooth the query",
        description="Average each query cell with its neighbours, for gene activities: single cells are too thin.",
    )
    bridge: BridgeSpec = Field(default_factory=BridgeSpec)
    linear_member: bool = Field(
        default=False, title="Add a linear model", description="A logistic regression votes beside the networks."
    )
    linear_weight: float = Field(
        default=0.5, ge=0, le=1, title="Linear model's share", description="Its share in the mean of the probabilities."
    )
    boosted_member: bool = Field(
        default=False,
        title="Add boosted trees",
        description="Gradient-boosted trees (LightGBM) vote beside the networks: they see thresholds and combinations "
        "of genes. They help most where types are many and alike.",
    )
    boosted_weight: float = Field(
        default=0.3, ge=0, le=1, title="Trees' share", description="Their share in the mean of the probabilities."
    )
    member_shares: Literal["set", "learned"] = Field(
        default="set",
        title="Shares of the members",
        description="set: as given; the networks have the rest. learned: by which held-out reference cells are most "
        "probable, drawn half-way to equal shares, each kind of member calibrated by itself first.",
    )
    calibration: Literal["folds", "validation"] = Field(
        default="folds",
        title="Calibrate on",
        description="folds: parts of the reference held out in turn, all members trained anew without them. "
        "validation: the validation cells of the training, which costs nothing and is meant for large references; what "
        "changes from batch to batch is not seen.",
    )
    calibration_folds: int = Field(
        default=3, ge=2, le=10, title="Calibration folds", description="Parts of the reference held out in turn."
    )
    false_reject_rate: float = Field(
        default=0.05,
        ge=0,
        le=0.5,
        title="Known cells wrongly refused, at most",
        description="Share of known cells that may be left without a label.",
    )
    strangeness_from: Literal["reference", "query"] = Field(
        default="reference",
        title="Strangeness is counted from",
        description="reference: its held-out cells. query: its own least strange quarter, for gene activities, all of "
        "which are unlike RNA. Most of the query then has to be of known types, and fewer others are refused.",
    )
    groups: tuple[Annotated[int, Field(ge=2, le=50)], ...] = Field(
        default=(),
        title="Group like types into",
        description="Coarser levels of labels: types that the classifier finds alike are put into so many groups, a "
        "number for each level from coarse to fine. Empty: no groups. Columns of the file make levels too (Data page).",
    )
    false_label_rate: float = Field(
        default=0.05,
        ge=0.005,
        le=0.5,
        title="Wrong labels at each level, at most",
        description="Where labels have levels: a cell whose label is less safe than this gets the group above it.",
        json_schema_extra={"step": 0.005},
    )
    voting: VotingSpec | None = Field(
        default=None,
        title="Let cells vote",
        description="Like cells have a say in each other's type; probabilities and label sets stay each cell's own. "
        "Accuracy and macro-F1 without, with neighbours and with clusters, means of three seeds: pbmc3k to three other "
        "protocols .885 .866, .885 .847, .885 .846; between protocols of one study .967 .829, .979 .838, .974 .833. "
        "The majority: .880 .776 and .900 .599. So a vote evens out noise and may cost rare types.",
    )
    keep_cells: bool = Field(
        default=True,
        title="Keep reference cells in the model file",
        description="The model file holds up to 50 reference cells of each type, 2,000 in all: the values of the "
        "model's genes without names, so that Evidence works where the reference is not at hand. Off: only averages of "
        "each type; choose this where cells must not leave, and mind that a type of one cell is its own average.",
    )
    embedding: EmbeddingSpec = Field(default_factory=EmbeddingSpec)
    evidence: EvidenceSpec = Field(default_factory=EvidenceSpec)
    impact: ImpactSpec = Field(default_factory=ImpactSpec, title="Pathway impact")
    activity: ActivitySpec = Field(default_factory=ActivitySpec, title="Activity of gene sets")
    units: UnitSpec = Field(default_factory=UnitSpec, title="Code units")
    checks: CheckSpec = Field(default_factory=CheckSpec, title="Checks of the code")

    @model_validator(mode="after")
    def _shares_fit(self) -> AnnotateSpec:
        beside = self.linear_weight * self.linear_member + self.boosted_weight * self.boosted_member
        if self.member_shares == "set" and beside > 1 + 1e-9:
            remedy = "Lower one of them; the networks have what they leave"
            raise SpecError("The members beside the networks have more than the whole say", round(beside, 3), remedy)
        return self

    @model_validator(mode="after")
    def _groups_grow(self) -> AnnotateSpec:
        if any(fine <= coarse for coarse, fine in zip(self.groups, self.groups[1:], strict=False)):
            raise SpecError("Each level must have more groups than the one above it", list(self.groups), "Give 3, 8")
        return self


class EvaluateSpec(Spec):
    """The experiments of the papers on the data at hand."""

    task: Literal["evaluate"] = "evaluate"
    experiments: tuple[Literal["reconstruction", "rank", "classification", "clusters", "left_out"], ...] = Field(
        default=("reconstruction", "rank", "classification"), title="Experiments", description="What is tried."
    )
    test_share: float = Field(default=0.25, gt=0, lt=1, title="Kept for the test", description="Share of each type.")
    folds: int = Field(default=1, ge=1, le=20, title="Splits", description="Independent stratified splits.")


AnalysisSpec = Annotated[RepresentSpec | AnnotateSpec | DeconvolveSpec | EvaluateSpec, Field(discriminator="task")]
Task = Literal["represent", "annotate", "deconvolve", "evaluate"]
ANALYSES: dict[str, type[Spec]] = {
    "represent": RepresentSpec,
    "annotate": AnnotateSpec,
    "deconvolve": DeconvolveSpec,
    "evaluate": EvaluateSpec,
}
