from __future__ import annotations

import subprocess
import sys

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.build import build
from core.networks.shape import components_needed, count_weights, layer_table, memory_bytes
from core.specs import (
    ClassSpec,
    GeneSetLayerSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    VariationalSpec,
)

layer = st.builds(LayerSpec, units=st.integers(1, 8), norm=st.sampled_from(["none", "batch", "layer"]))
layers = st.lists(layer, max_size=3).map(tuple)
network = st.builds(
    NetworkSpec,
    encoder=st.lists(layer, min_size=1, max_size=3).map(tuple),
    code=st.none() | layer,
    decoder=st.just("mirror") | layers,
    input_norm=st.booleans(),
    linear_path=st.booleans(),
    output_activation=st.just("softplus"),
)
objective = st.builds(
    ObjectiveSpec,
    reconstruction=st.builds(
        ReconstructionSpec, loss=st.sampled_from(["mse", "negative_binomial", "zero_inflated_negative_binomial"])
    ),
    variational=st.none() | st.builds(VariationalSpec),
    classes=st.none() | st.builds(ClassSpec, hidden=layers),
    proportions=st.none() | st.builds(ProportionSpec, batch_norm=st.booleans()),
)


@settings(max_examples=60)
@given(network, objective)
def test_the_table_counts_the_weights_that_building_makes(network, objective):
    built = build(network, objective, 11, 3, torch.Generator().manual_seed(0), torch.eye(11))
    assert count_weights(network, objective, 11, 3) == sum(weight.numel() for weight in built.parameters())


def test_a_gene_set_layer_has_a_weight_for_each_pair_of_gene_and_set():
    mask = torch.tensor([[True, True, False, False], [False, True, True, True]])
    layer = LayerSpec(units=2)
    alone = NetworkSpec(encoder=(), code=layer, gene_sets=GeneSetLayerSpec())
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(), variational=VariationalSpec())
    rows = layer_table(alone, objective, 4, 0, joined=int(mask.sum()))
    assert rows[0]["weights"] == 2 * (5 + 2)  # mean and deviation: five pairs and two biases each
    built = build(alone, objective, 4, 0, torch.Generator().manual_seed(0), mask=mask)
    learned = sum(int((parameter != 0).sum()) for parameter in built.encoder.parameters())
    assert learned == 5 + 2
    deeper = NetworkSpec(encoder=(layer,), code=layer, gene_sets=GeneSetLayerSpec())
    assert layer_table(deeper, objective, 4, 0, joined=5)[0]["weights"] == 5 + 2
    assert layer_table(deeper, objective, 4, 0)[0]["weights"] == 8 + 2


def test_rows_of_the_published_pathway_network():
    spec = NetworkSpec(encoder=(LayerSpec(units=128),), code=LayerSpec(units=64))
    rows = layer_table(spec, ObjectiveSpec(reconstruction=ReconstructionSpec()), 3000, 0)
    assert [(row["layer"], row["kind"], row["inputs"], row["units"], row["weights"]) for row in rows] == [
        ("encoder.0", "encoder", 3000, 128, 384_128),
        ("code", "code", 128, 64, 8_256),
        ("decoder.0", "decoder", 64, 128, 8_320),
        ("output", "output", 128, 3000, 387_000),
    ]


def test_memory_by_hand():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=2))
    objective = ObjectiveSpec(classes=ClassSpec())
    weights, units = 3 * 2 + 2 + 2 * 2 + 2, 2 + 2
    expected = 4 * (weights * 8 + 10 * (3 + 3 * units))
    assert memory_bytes(spec, objective, 3, 2, batch_size=10, optimiser="adam") == expected
    assert memory_bytes(spec, objective, 3, 2, batch_size=10, optimiser="sgd") == expected - 4 * 2 * weights


def test_components_needed():
    first = LayerSpec(units=30, init="pca")
    assert components_needed(NetworkSpec()) == 0
    assert components_needed(NetworkSpec(encoder=(first,))) == 30
    assert components_needed(NetworkSpec(code=LayerSpec(units=12), linear_path=True)) == 12


def test_no_torch_is_needed():
    code = "import sys, core.networks.shape; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
