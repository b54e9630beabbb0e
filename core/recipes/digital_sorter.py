"""digitalDLSorteR: a dense network trained on simulated mixtures reads the composition of bulk samples."""

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

_LAYER = LayerSpec(units=200, activation="relu", norm="batch", dropout=0.25)  # num.units c(200, 200), dropout.rate .25

DIGITAL_SORTER = Recipe(
    name="digital_sorter",
    title="Estimate bulk composition",
    system="digitalDLSorteR",
    sentence="The share of each cell type in every bulk sample, with an interval.",
    citation="Torroja C, Sanchez-Cabo F. Digitaldlsorter: deep-learning on scRNA-seq to deconvolute gene expression "
    "data. Frontiers in Genetics 2019, 10:978; R package digitalDLSorteR 1.1.2.",
    needs=("reference", "bulk"),
    card=True,
    spec=RunSpec(
        recipe="digital_sorter",
        data=DataSpec(
            transform=TransformSpec(normalise="log2_cpm", scale="zscore"),  # normalize TRUE, scaling "standardize"
        ),
        features=FeatureSpec(
            rule="digital_sorter",
            target=2000,  # top.n.genes
            markers_per_label=300,  # sc.n.genes.per.cluster
            drop_mitochondrial=True,  # filter.mt.genes "^mt-"
        ),
        network=NetworkSpec(encoder=(_LAYER, _LAYER), code=None),
        objective=ObjectiveSpec(
            proportions=ProportionSpec(loss="kl", batch_norm=True),  # Dense, batch norm, softmax; KL divergence
        ),
        training=TrainSpec(
            optimiser="adam",
            learning_rate=1e-3,  # keras default, cannot be set there
            batch_size=64,
            epochs=60,  # the code; its help text says 10
            patience=None,  # no early stopping
            restore_best=False,
            validation_share=0.0,  # no validation split; the test mixtures are held out all the same
        ),
        analysis=DeconvolveSpec(
            design="digital_sorter",
            mixtures=10_000,  # vignette
            cells_low=100,  # n.cells
            cells_high=100,
            sparsity=0.5,  # prob.sparsity
            pseudobulk="add_raw_count",
            balanced=False,  # balanced.type.cells: all cells are divided at random
            train_cells=0.75,  # the code; its help text says 2/3
            train_mixtures=0.75,
            # Published: statistics of the bulk samples themselves, so that one sample alone has no answer and each
            # answer depends on the other samples. Learned statistics are the default here.
            scaling="learned",
        ),
    ),
)
