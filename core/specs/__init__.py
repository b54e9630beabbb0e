"""Every setting of CellDesk, as frozen pydantic models."""

from core.specs.analysis import (
    ANALYSES,
    AnalysisSpec,
    AnnotateSpec,
    DeconvolveSpec,
    EmbeddingSpec,
    EvaluateSpec,
    ImpactSpec,
    RepresentSpec,
    Task,
)
from core.specs.base import Spec, at, content_key, parse, replaced
from core.specs.data import ROLES, DataSpec, QualitySpec, Role, SourceSpec, TransformSpec
from core.specs.features import RULE_TITLES, FeatureSpec
from core.specs.network import Activation, LayerSpec, NetworkSpec
from core.specs.objective import ClassSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec
from core.specs.run import RunSpec
from core.specs.training import TrainSpec

__all__ = [
    "ANALYSES",
    "ROLES",
    "RULE_TITLES",
    "Activation",
    "AnalysisSpec",
    "AnnotateSpec",
    "ClassSpec",
    "DataSpec",
    "DeconvolveSpec",
    "EmbeddingSpec",
    "EvaluateSpec",
    "FeatureSpec",
    "ImpactSpec",
    "LayerSpec",
    "NetworkSpec",
    "ObjectiveSpec",
    "ProportionSpec",
    "QualitySpec",
    "ReconstructionSpec",
    "RepresentSpec",
    "Role",
    "RunSpec",
    "SourceSpec",
    "Spec",
    "Task",
    "TrainSpec",
    "TransformSpec",
    "at",
    "content_key",
    "parse",
    "replaced",
]
