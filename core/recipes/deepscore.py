"""DeepSCore: a dense network that transfers labels from a reference to a query."""

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
    return LayerSpec(
        units=units,
        activation="relu",  # constructor default
        dropout=0.2,  # constructor default dropout_rate
        norm="batch",  # constructor default batchnorm
        norm_after=True,  # each block is Dense, ReLU, dropout, batch norm
        max_norm=2.0,  # kernel max-norm of each dense layer
    )


DEEPSCORE = Recipe(
    name="deepscore",
    title="Label new cells",
    system="DeepSCore",
    sentence="A cell type and a probability for every query cell, with a plain “not assigned”.",
    citation="DeepSCore: a multi-language multi-modality deep learning model for cell label transfer (poster).",
    needs=("reference", "query"),
    card=True,
    spec=RunSpec(
        recipe="deepscore",
        data=DataSpec(
            # The R version feeds log-normalised data and leaves scaling to the first batch norm; the Python version
            # scales each set by itself. The poster's example is the R version, so that is the recipe.
            transform=TransformSpec(normalise="log1p_cp10k", scale="none"),
        ),
        features=FeatureSpec(
            rule="markers_in_variable",  # "reference markers in most variable genes of the query"
            target=2000,  # find_refmarkers_in_variable_genes, target_n_genes
            step=100,  # each round adds 100
        ),
        network=NetworkSpec(
            input_norm=True,  # batch norm comes first
            encoder=(_layer(512), _layer(256), _layer(64)),  # the poster: hidden_nodes = c(512, 256, 64)
            code=None,
        ),
        objective=ObjectiveSpec(classes=ClassSpec()),
        training=TrainSpec(
            optimiser="adam",
            learning_rate=1e-3,  # constructor default
            batch_size=32,  # constructor default
            epochs=30,  # Python default; the R version has 10, the poster's speed test 1
            patience=2,  # train(), both versions
            monitor="loss",
            restore_best=True,  # R restores the best weights, Python does not
            validation_share=0.2,  # R: validation_split .2; Python: .1
        ),
        analysis=AnnotateSpec(query_scaling="reference"),
    ),
)
