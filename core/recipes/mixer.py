"""CellDesk's own deconvolution: fresh mixtures with randomised genes, four networks and a linear model."""

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

MIXER = Recipe(
    name="mixer",
    title="Bulk composition, CellDesk's own",
    system="CellDesk",
    sentence="Networks that have seen each gene distorted in many ways, beside a linear model, with intervals.",
    citation="CellDesk. Settings chosen on randomised mixtures of held-out cells.",
    needs=("reference", "bulk"),
    spec=RunSpec(
        recipe="mixer",
        data=DataSpec(transform=TransformSpec(normalise="log1p_cp10k", scale="zscore")),
        features=FeatureSpec(
            rule="specific_markers",
            markers_per_label=60,
            drop_mitochondrial=True,
            drop_ribosomal=True,  # protocols differ most in these
        ),
        network=NetworkSpec(
            # layer norm: one sample alone gets the same answer as inside its cohort
            encoder=(LayerSpec(units=256, norm="layer"), LayerSpec(units=128, norm="layer")),
            code=None,
        ),
        objective=ObjectiveSpec(proportions=ProportionSpec(loss="kl_mae")),
        training=TrainSpec(
            optimiser="adamw",
            learning_rate=1e-3,
            schedule="cosine",
            batch_size=64,
            epochs=30,
            patience=None,
            restore_best=False,  # the validation mixtures come from training cells and serve the curves alone
            validation_share=0.05,
            members=4,
        ),
        analysis=DeconvolveSpec(
            design="dirichlet",
            mixtures=2667,  # 2,000 fresh ones in each epoch, the rest for the test
            cells_low=20,  # noisier mixtures: networks lean less on single cells of the reference
            cells_high=100,
            fresh=True,
            gene_factor_sd=1.0,  # the largest gain on held-out references; never tuned on measured bulk
            jitter_sd=0.15,
            linear_member=True,
            each_reference=True,  # joined references would share few genes, and neither's own level
            intervals="by_fit",
        ),
    ),
)
