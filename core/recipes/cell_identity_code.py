"""Cell Identity Codes: an autoencoder with a class head, thirty numbers for each cell."""

from core.recipes.recipe import Recipe
from core.specs import (
    AnnotateSpec,
    ClassSpec,
    DataSpec,
    EvaluateSpec,
    FeatureSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ReconstructionSpec,
    RepresentSpec,
    RunSpec,
    TrainSpec,
    TransformSpec,
)

CELL_IDENTITY_CODE = Recipe(
    name="cell_identity_code",
    title="Read cell identity codes",
    system="Cell Identity Codes",
    sentence="A 30-number code per cell, and how well it rebuilds and tells apart the types.",
    citation="Abdolhosseini F, Azarkhalili B, Maazallahi A, et al. Cell identity codes: understanding cell identity "
    "from gene expression profiles using deep neural networks. Scientific Reports 2019, 9:2342.",
    needs=("reference",),
    card=True,
    spec=RunSpec(
        recipe="cell_identity_code",
        data=DataSpec(transform=TransformSpec(normalise="log1p_cp10k", scale="centre")),  # log2 microarrays there
        features=FeatureSpec(rule="variable", target=2000),  # 20,184 genes of an array there; cells have fewer
        network=NetworkSpec(
            encoder=(LayerSpec(units=300, activation="logsigmoid"),),  # Fig. 8: best of ten (2,000 on whole arrays)
            code=LayerSpec(units=30, activation="linear"),  # Fig. 9: 30 is enough
            decoder="mirror",
            output_activation="linear",
        ),
        objective=ObjectiveSpec(
            reconstruction=ReconstructionSpec(loss="mse", weight=1.0),
            classes=ClassSpec(weight=1.0),  # "weighted mean" of both; the weights are not stated
        ),
        training=TrainSpec(
            # The paper uses SGD, 0.001 to 0.003 falling inside each epoch, 200 epochs of 100 steps. Adam reaches the
            # same loss in a few epochs.
            optimiser="adam",
            learning_rate=1e-3,
            batch_size=64,
            epochs=200,  # "usually 200 epochs"
            patience=15,
        ),
        analysis=RepresentSpec(),
    ),
    analyses=(EvaluateSpec(), AnnotateSpec()),
)
