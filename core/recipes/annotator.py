"""CellDesk's own label transfer: small networks, a logistic regression and trees, two scalings of the query."""

from core.recipes.recipe import Recipe
from core.specs import (
    AnnotateSpec,
    ClassSpec,
    DataSpec,
    FeatureSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    RunSpec,
    TrainSpec,
    TransformSpec,
)


def _layer(units: int) -> LayerSpec:
    return LayerSpec(units=units, activation="relu", norm="batch", dropout=0.3, init="he")


ANNOTATOR = Recipe(
    name="annotator",
    title="Label new cells, CellDesk's own",
    system="CellDesk",
    sentence="Networks, a linear model and trees vote; probabilities are calibrated on held-out reference cells.",
    citation="CellDesk. Settings chosen by cross-validation inside six references (macro-F1).",
    needs=("reference", "query"),
    spec=RunSpec(
        recipe="annotator",
        data=DataSpec(transform=TransformSpec(normalise="log1p_cp10k", scale="zscore", clip=10)),
        features=FeatureSpec(rule="variable_and_markers", target=2000, markers_per_label=60),
        network=NetworkSpec(encoder=(_layer(256), _layer(64)), code=None, input_dropout=0.2, input_noise=0.2),
        objective=ObjectiveSpec(classes=ClassSpec(label_smoothing=0.05, class_weights="sqrt")),
        training=TrainSpec(
            optimiser="adamw",
            learning_rate=3e-3,
            weight_decay=0.01,
            schedule="one_cycle",
            batch_size=64,
            epochs=20,
            patience=None,  # a one-cycle schedule is best at its end
            monitor="macro_f1",  # rare types count as much as common ones
            members=3,
        ),
        # Scaling by the reference wins where protocols are close, by the query where they differ; both are averaged.
        analysis=AnnotateSpec(query_scaling="both", linear_member=True, boosted_member=True, member_shares="learned"),
    ),
)
