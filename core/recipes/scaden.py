"""Scaden: three dense networks of different size, trained on simulated mixtures, answer together."""

from core.recipes.recipe import Recipe
from core.specs import (
    DataSpec,
    DeconvolveSpec,
    FeatureSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    RunSpec,
    TrainSpec,
    TransformSpec,
)

SCADEN = Recipe(
    name="scaden",
    title="Bulk composition by three networks",
    system="Scaden",
    sentence="Three networks of different size, each sample scaled by its own range.",
    citation="Menden K et al. Deep learning-based cell composition analysis from tissue expression profiles. Science "
    "Advances 2020, 6:eaba2619; Scaden 1.1.2.",
    needs=("reference", "bulk"),
    notes=(
        "The program uses every gene whose variance over the bulk samples exceeds 0.1; here the 2,000 most variable "
        "of the reference that the bulk has, which takes a tenth of the time.",
        "The program makes 1,000 mixtures where nothing else is asked; here 10,000.",
        "Logarithms of counts as they are: the answer depends on a sample's depth, and on its unit.",
    ),
    spec=RunSpec(
        recipe="scaden",
        data=DataSpec(transform=TransformSpec(normalise="log2", scale="sample_minmax")),
        features=FeatureSpec(rule="variable", target=2000),
        network=NetworkSpec(
            encoder=(LayerSpec(units=256), LayerSpec(units=128), LayerSpec(units=64), LayerSpec(units=32)),
            member_layers=("512, 256/0.3, 128/0.2, 64/0.1", "1024, 512/0.6, 256/0.3, 128/0.1"),
            code=None,
        ),
        objective=ObjectiveSpec(proportions=ProportionSpec(loss="mse")),
        training=TrainSpec(
            optimiser="adam",
            learning_rate=1e-4,
            batch_size=128,
            epochs=80,  # 63 steps each: 5,040 in all, published 5,000
            patience=None,
            restore_best=False,
            validation_share=0.0,
            members=3,
        ),
        analysis=DeconvolveSpec(
            design="scaden",
            mixtures=10_000,
            train_mixtures=0.8,
            cells_low=100,  # --cells
            cells_high=100,
        ),
    ),
)
