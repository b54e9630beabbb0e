"""Oskolkov: a deep autoencoder on principal components that reduces cells to two numbers."""

from core.recipes.recipe import Recipe
from core.specs import (
    DataSpec,
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

FUNNEL_AUTOENCODER = Recipe(
    name="funnel_autoencoder",
    title="Map many cells",
    system="Oskolkov",
    sentence="A two-dimensional map that stays fast at a million cells.",
    citation="Oskolkov N. Deep learning for single cell biology. Towards Data Science, 2019.",
    needs=("reference",),
    card=True,
    spec=RunSpec(
        recipe="funnel_autoencoder",
        data=DataSpec(
            # The 19 components that stood out from shuffled matrices in the 1.3 million mouse brain cells.
            # They are not whitened: equal variances destroy the picture.
            transform=TransformSpec(normalise="log1p_cp10k", scale="none", components=19),
        ),
        features=FeatureSpec(rule="variable", target=2000),
        network=NetworkSpec(
            # "Each hidden layer reduces one dimension" (19, 18 ... 2) does not train from usual start weights; a wide
            # layer does. The text names no activation.
            encoder=(LayerSpec(units=128, activation="elu"), LayerSpec(units=64, activation="elu")),
            code=LayerSpec(units=2, activation="linear"),
            decoder="mirror",
            output_activation="linear",
        ),
        objective=ObjectiveSpec(reconstruction=ReconstructionSpec(loss="mse")),
        training=TrainSpec(
            optimiser="adam",  # not stated
            learning_rate=1e-3,
            batch_size=128,  # "mini-batch", the size is not stated
            epochs=200,
            patience=10,
        ),
        analysis=RepresentSpec(),
    ),
)
