"""Kinalis et al. 2019: an orthogonal Poisson autoencoder whose units are read through gene sets."""

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

PATHWAY_AUTOENCODER = Recipe(
    name="pathway_autoencoder",
    title="Find active pathways",
    system="Kinalis et al.",
    sentence="Which gene sets each unit of the network responds to.",
    citation="Kinalis S, Nielsen FC, Winther O, Bagger FO. Deconvolution of autoencoders to learn biological "
    "regulatory modules from single cell mRNA sequencing data. BMC Bioinformatics 2019, 20:379.",
    needs=("reference", "gene sets"),
    card=True,
    spec=RunSpec(
        recipe="pathway_autoencoder",
        data=DataSpec(transform=TransformSpec(normalise="none", scale="none")),  # raw counts, no normalisation
        features=FeatureSpec(rule="gene_sets", target=2000),  # the union of the gene sets; else variable genes
        network=NetworkSpec(
            encoder=(LayerSpec(units=128, activation="softplus", init="xavier"),),
            code=LayerSpec(units=64, activation="softplus", init="xavier"),  # slightly more than 50 Hallmark sets
            decoder="mirror",
            output_activation="softplus",
        ),
        objective=ObjectiveSpec(
            # Equation 1 has target and prediction swapped against its words; as printed it has no minimum.
            # The Poisson loss is meant: mean(prediction - target log(prediction)).
            reconstruction=ReconstructionSpec(loss="poisson"),
            orthogonality=1e-3,  # weight of ||I - W W'||; its value is not given in the paper
        ),
        training=TrainSpec(
            # The paper says Nesterov, "no mini-batches" and "batch size of 1", which cannot all hold; its times fit
            # batch size 1. Adam at batch 128 reaches a lower test loss in a twentieth of the time.
            optimiser="adam",
            learning_rate=1e-3,
            batch_size=128,
            epochs=400,
            patience=10,  # "test loss has not improved for 10 epochs"
            validation_share=0.2,
            threads=1,
        ),
        analysis=RepresentSpec(impact=ImpactSpec(saliency="guided")),
    ),
    analyses=(EvaluateSpec(experiments=("reconstruction", "clusters")),),
)
