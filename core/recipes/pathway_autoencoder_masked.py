"""CellDesk's own autoencoder whose code units are gene sets from the start."""

from core.recipes.recipe import Recipe
from core.specs import (
    DataSpec,
    EvaluateSpec,
    FeatureSpec,
    GeneSetLayerSpec,
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

PATHWAY_AUTOENCODER_MASKED = Recipe(
    name="pathway_autoencoder_masked",
    title="Units that are gene sets",
    system="CellDesk",
    sentence="One unit for each gene set, which sees the genes of its set alone and rises with them.",
    citation="CellDesk. Units joined to the genes of a set as in VEGA (Seninge et al. 2021) and expiMap (Lotfollahi et "
    "al. 2023), here in the encoder and without negative weights.",
    needs=("reference", "gene sets"),
    spec=RunSpec(
        recipe="pathway_autoencoder_masked",
        data=DataSpec(transform=TransformSpec(normalise="none", scale="none")),
        features=FeatureSpec(rule="gene_sets", target=2000),
        network=NetworkSpec(
            input_log=True,
            encoder=(),
            # weights of either sign leave it open whether a unit rises or falls with its set, and differ between seeds
            code=LayerSpec(units=50, activation="softplus", non_negative=True),
            gene_sets=GeneSetLayerSpec(),  # the file decides the number of units
            decoder="mirror",
            output_activation="softmax",
            library_size=True,
        ),
        objective=ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson")),
        training=TrainSpec(
            optimiser="adam",
            learning_rate=1e-3,
            batch_size=128,
            epochs=400,
            patience=10,
            validation_share=0.2,
            threads=1,
        ),
        analysis=RepresentSpec(impact=ImpactSpec(saliency="guided_x_input")),
    ),
    analyses=(EvaluateSpec(experiments=("reconstruction", "clusters")),),
)
