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
from core.specs.base import Spec, at, content_key, parse, replaced, replaced_all
from core.specs.data import ROLES, DataSpec, OnDisk, QualitySpec, Role, SourceSpec, TransformSpec
from core.specs.dimension import Dimension
from core.specs.features import RULE_TITLES, FeatureSpec
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
from core.specs.training import TrainSpec

__all__ = [
    "ANALYSES",
    "COUNT_LOSSES",
    "ROLES",
    "RULE_TITLES",
    "Activation",
    "AnalysisSpec",
    "AnnotateSpec",
    "ClassSpec",
    "DataSpec",
    "DeconvolveSpec",
    "Dimension",
    "EmbeddingSpec",
    "EvaluateSpec",
    "FeatureSpec",
    "GeneSetLayerSpec",
    "ImpactSpec",
    "LayerSpec",
    "NetworkSpec",
    "ObjectiveSpec",
    "OnDisk",
    "ProportionSpec",
    "PruningSpec",
    "QualitySpec",
    "ReconstructionSpec",
    "RepresentSpec",
    "Role",
    "RunSpec",
    "SearchSpec",
    "SourceSpec",
    "Spec",
    "Task",
    "TrainSpec",
    "TransformSpec",
    "VariationalSpec",
    "at",
    "content_key",
    "parse",
    "replaced",
    "replaced_all",
]
