"""CellDesk's own pathway autoencoder: the decoder knows how deeply a cell was sequenced, and units differ."""

from core.recipes.recipe import Recipe
from core.specs import (
    DataSpec,
    EvaluateSpec,
    FeatureSpec,
    ImpactSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ReconstructionSpec,
    RepresentSpec,
    RunSpec,
    TrainSpec,
    TransformSpec,
)

PATHWAY_AUTOENCODER_OFFSET = Recipe(
    name="pathway_autoencoder_offset",
    title="Find active pathways, CellDesk's own",
    system="CellDesk",
    sentence="As Kinalis et al., but the decoder knows sequencing depth, units differ, and rarity does not lead.",
    citation="CellDesk, after Kinalis et al. 2019.",
    needs=("reference", "gene sets"),
    spec=RunSpec(
        recipe="pathway_autoencoder_offset",
        data=DataSpec(transform=TransformSpec(normalise="none", scale="none")),
        features=FeatureSpec(rule="gene_sets", target=2000),
        network=NetworkSpec(
            input_log=True,
            encoder=(LayerSpec(units=128, activation="softplus"),),
            code=LayerSpec(units=64, activation="softplus"),
            decoder="mirror",
            output_activation="softmax",
            library_size=True,  # else most units tell how deeply a cell was sequenced
        ),
        objective=ObjectiveSpec(
            reconstruction=ReconstructionSpec(loss="poisson"),
            # of 0.1, 1 and 10 the one with the lowest validation loss of the counts
            decorrelation=1.0,
        ),
        training=TrainSpec(
            optimiser="adam",
            learning_rate=1e-3,
            batch_size=128,
            epochs=400,
            patience=10,
            validation_share=0.2,
            threads=1,
        ),
        analysis=RepresentSpec(impact=ImpactSpec(saliency="guided_x_input", gene_weights="relative")),
    ),
    analyses=(EvaluateSpec(experiments=("reconstruction", "clusters")),),
)
