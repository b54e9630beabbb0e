"""Every setting of CellDesk, as frozen pydantic models."""

from core.specs.activity import ActivitySpec, MarkerSetSpec
from core.specs.analysis import (
    ANALYSES,
    AnalysisSpec,
    AnnotateSpec,
    DeconvolveSpec,
    EmbeddingSpec,
    EvaluateSpec,
    RepresentSpec,
    Task,
    VotingSpec,
)
from core.specs.base import Spec, at, content_key, parse, replaced, replaced_all
from core.specs.bridge import BridgeSpec
from core.specs.data import (
    ROLES,
    BridgeSourceSpec,
    DataSpec,
    OnDisk,
    PeakSpec,
    QualitySpec,
    Role,
    SourceSpec,
    TransformSpec,
)
from core.specs.dimension import Dimension
from core.specs.evidence import EvidenceSpec
from core.specs.features import RULE_TITLES, FeatureSpec
from core.specs.gradients import GradientSpec
from core.specs.impact import ImpactSpec
from core.specs.model_source import SETTABLE, ModelSourceSpec
from core.specs.network import Activation, GeneSetLayerSpec, LayerSpec, NetworkSpec
from core.specs.objective import (
    COUNT_LOSSES,
    ClassSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    VariationalSpec,
)
from core.specs.run import RunSpec
from core.specs.search import PruningSpec, SearchSpec
from core.specs.smoothing import SmoothingSpec
from core.specs.training import TrainSpec
from core.specs.units import CheckSpec, UnitSpec

__all__ = [
    "ANALYSES",
    "COUNT_LOSSES",
    "ROLES",
    "RULE_TITLES",
    "SETTABLE",
    "Activation",
    "ActivitySpec",
    "AnalysisSpec",
    "AnnotateSpec",
    "BridgeSourceSpec",
    "BridgeSpec",
    "CheckSpec",
    "ClassSpec",
    "DataSpec",
    "DeconvolveSpec",
    "Dimension",
    "EmbeddingSpec",
    "EvaluateSpec",
    "EvidenceSpec",
    "FeatureSpec",
    "GeneSetLayerSpec",
    "GradientSpec",
    "ImpactSpec",
    "LayerSpec",
    "MarkerSetSpec",
    "ModelSourceSpec",
    "NetworkSpec",
    "ObjectiveSpec",
    "OnDisk",
    "PeakSpec",
    "ProportionSpec",
    "PruningSpec",
    "QualitySpec",
    "ReconstructionSpec",
    "RepresentSpec",
    "Role",
    "RunSpec",
    "SearchSpec",
    "SmoothingSpec",
    "SourceSpec",
    "Spec",
    "Task",
    "TrainSpec",
    "TransformSpec",
    "UnitSpec",
    "VariationalSpec",
    "VotingSpec",
    "at",
    "content_key",
    "parse",
    "replaced",
    "replaced_all",
]
