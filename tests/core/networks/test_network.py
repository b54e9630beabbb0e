from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import SpecError
from core.networks.batch import LINEAR as LINEAR_OUTPUT
from core.networks.build import build
from core.networks.heads import ProportionHead
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

LINEAR = LayerSpec(units=2, activation="linear")
REBUILD = ObjectiveSpec(reconstruction=ReconstructionSpec())
ALL_HEADS = ObjectiveSpec(
    reconstruction=ReconstructionSpec(),
    classes=ClassSpec(hidden=(LayerSpec(units=5),)),
    proportions=ProportionSpec(),
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_tiny_network_by_hand():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=1, activation="relu"), output_activation="linear")
    network = build(spec, REBUILD, 2, 0, generator())
    with torch.no_grad():
        network.code_weight.copy_(torch.tensor([[1.0, -1.0]]))
        network.code_layer.linear.bias.fill_(0.5)
        network.output.linear.weight.copy_(torch.tensor([[2.0], [3.0]]))
        network.output.linear.bias.fill_(1.0)
    out = network(torch.tensor([[2.0, 1.0], [0.0, 4.0]]))
    torch.testing.assert_close(out["code"], torch.tensor([[1.5], [0.0]]))
    torch.testing.assert_close(out["reconstruction"], torch.tensor([[4.0, 5.5], [1.0, 1.0]]))


def test_only_the_heads_in_use_are_there():
    cells = torch.rand(3, 7, generator=generator())
    spec = NetworkSpec(encoder=(LINEAR,), code=LayerSpec(units=2))
    assert set(build(spec, REBUILD, 7, 0, generator())(cells)) == {"code", "reconstruction"}
    out = build(spec, ALL_HEADS, 7, 4, generator())(cells)
    assert {name: tuple(value.shape) for name, value in out.items()} == {
        "code": (3, 2),
        "reconstruction": (3, 7),
        "class_logits": (3, 4),
        "proportions": (3, 4),
    }
    torch.testing.assert_close(out["proportions"].sum(dim=1), torch.ones(3))
    classes = build(spec, ObjectiveSpec(classes=ClassSpec()), 7, 4, generator())
    with pytest.raises(SpecError, match="does not rebuild"):
        classes.decode(torch.zeros(1, 2))


def test_decode_of_encode_is_the_reconstruction():
    network = build(NetworkSpec(linear_path=True), REBUILD, 70, 0, generator(), torch.eye(64, 70))
    cells = torch.rand(3, 70, generator=generator())
    torch.testing.assert_close(network.decode(network.encode(cells)), network(cells)["reconstruction"])


def test_the_mirror_walks_the_encoder_backwards():
    spec = NetworkSpec(encoder=tuple(LayerSpec(units=n) for n in (9, 5)), code=LayerSpec(units=3))
    network = build(spec, REBUILD, 20, 0, generator())
    assert [layer.linear.out_features for layer in network.decoder] == [5, 9]
    assert network.output.linear.weight.shape == (20, 9)


def test_without_a_code_the_last_encoder_layer_is_the_code():
    spec = NetworkSpec(encoder=(LayerSpec(units=9), LayerSpec(units=4, activation="tanh")), code=None)
    network = build(spec, REBUILD, 20, 0, generator())
    assert network(torch.zeros(2, 20))["code"].shape == (2, 4)
    assert [layer.linear.out_features for layer in network.decoder] == [9]
    assert network.code_bounds == (-1.0, 1.0)


def test_every_activation_is_a_module():
    network = build(NetworkSpec(encoder=(LayerSpec(activation="softplus"),)), ALL_HEADS, 9, 3, generator())
    kinds = [type(module) for module in network.modules()]
    assert kinds.count(nn.Softplus) == 2
    assert kinds.count(nn.Softmax) == 1


def test_input_settings_act_in_training_only():
    spec = NetworkSpec(encoder=(), code=LINEAR, input_norm=True, input_dropout=0.5, input_noise=0.3)
    network = build(spec, REBUILD, 6, 0, generator())
    cells = torch.rand(8, 6, generator=generator())
    assert not torch.equal(network.encode(cells), network.encode(cells))
    network.eval()
    assert torch.equal(network.encode(cells), network.encode(cells))
    assert isinstance(network.input[1], nn.BatchNorm1d)


def test_the_same_generator_state_builds_the_same_network():
    one, two, other = (build(NetworkSpec(), ALL_HEADS, 9, 3, generator(seed)) for seed in (0, 0, 1))
    for first, second in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(one.code_weight, other.code_weight)


def test_identity_start_makes_a_deep_funnel_pass_its_input_through():
    layers = tuple(LayerSpec(units=n, activation="linear", init="identity") for n in range(18, 2, -1))
    spec = NetworkSpec(encoder=layers, code=LayerSpec(units=2, activation="linear", init="identity"))
    network = build(spec, REBUILD, 19, 0, generator())
    cells = torch.eye(19)[:2] * 5
    rebuilt = network(cells)["reconstruction"]
    assert (rebuilt - cells).square().mean() < 0.3 * cells.square().mean()


def test_pca_start_rebuilds_as_principal_components_do():
    cells = torch.randn(40, 6, generator=generator()) @ torch.randn(6, 6, generator=generator(1)) + 3
    centre = cells.mean(dim=0)
    components = torch.linalg.svd(cells - centre, full_matrices=False)[2][:2]
    expected = (cells - centre) @ components.T @ components + centre
    first = NetworkSpec(encoder=(), code=LayerSpec(units=2, activation="linear", init="pca"))
    beside = NetworkSpec(encoder=(LayerSpec(units=8),), code=LINEAR, linear_path=True)
    for spec in (first, beside):
        network = build(spec, REBUILD, 6, 0, generator(), components, centre)
        torch.testing.assert_close(network(cells)["reconstruction"], expected, atol=1e-4, rtol=1e-4)


def test_proportion_head_with_batch_norm_normalises_before_the_softmax():
    head = ProportionHead(2, 2, batch_norm=True)
    nn.init.eye_(head.linear.weight)
    nn.init.zeros_(head.linear.bias)
    out = head(torch.tensor([[1.0, 0.0], [3.0, 0.0]]))
    e = torch.e
    torch.testing.assert_close(out[1], torch.tensor([e / (e + 1), 1 / (e + 1)]), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("spec", "objective", "n_classes", "words"),
    [
        (NetworkSpec(), ObjectiveSpec(classes=ClassSpec()), 1, "at least two cell types"),
        (NetworkSpec(), ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson")), 0, "positive output"),
        (NetworkSpec(code=LayerSpec(units=200)), REBUILD.model_copy(update={"orthogonality": 1.0}), 0, "orthogonal"),
        (NetworkSpec(code=LayerSpec(init="pca")), REBUILD, 0, "Only the first layer"),
        (NetworkSpec(encoder=(LayerSpec(units=4, init="pca"),)), REBUILD, 0, "need the principal components"),
        (NetworkSpec(linear_path=True), REBUILD, 0, "need the principal components"),
        (NetworkSpec(library_size=True), REBUILD, 0, "loss of counts"),
        (NetworkSpec(gene_sets=GeneSetLayerSpec()), REBUILD, 0, "needs the gene sets"),
    ],
)
def test_settings_at_odds_are_refused(spec, objective, n_classes, words):
    with pytest.raises(SpecError, match=words) as caught:
        build(spec, objective, 10, n_classes, generator())
    assert caught.value.remedy


VARIATIONAL = ObjectiveSpec(reconstruction=ReconstructionSpec(), classes=ClassSpec(), variational=VariationalSpec())
COUNTS = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"))
SHARES = NetworkSpec(
    encoder=(LayerSpec(units=6),), code=LayerSpec(units=3), output_activation="softplus", library_size=True
)


@pytest.mark.parametrize("spec", [NetworkSpec(), NetworkSpec(encoder=()), NetworkSpec(code=None)], ids=str)
def test_a_variational_code_is_drawn_in_training_and_its_mean_otherwise(spec):
    network = build(spec, VARIATIONAL, 9, 3, generator())
    cells = torch.rand(4, 9, generator=generator())
    first, second = network(cells), network(cells)
    assert torch.equal(first["code"], second["code"]) and torch.equal(first["code"], network.encode(cells))
    assert torch.all(first["code_deviation"] > 0) and first["code_deviation"].shape == first["code"].shape
    for head in ("reconstruction", "class_logits"):
        assert not torch.equal(first[head], second[head])
    network.eval()
    still = network(cells)
    assert torch.equal(still["reconstruction"], network.decode(network.encode(cells)))
    assert torch.equal(still["class_logits"], network(cells)["class_logits"])


def test_draws_have_the_mean_and_deviation_that_the_network_says():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=2, activation="linear"), decoder=())
    network = build(
        spec, ObjectiveSpec(reconstruction=ReconstructionSpec(), variational=VariationalSpec()), 2, 0, generator()
    )
    with torch.no_grad():  # the output passes the drawn code on
        network.output.linear.weight.copy_(torch.eye(2))
        network.output.linear.bias.zero_()
    torch.manual_seed(0)
    outputs = network(torch.tensor([[1.0, -2.0]]).expand(20_000, 2))
    drawn = outputs["reconstruction"].detach()
    torch.testing.assert_close(drawn.mean(dim=0), outputs["code"][0].detach(), atol=0.03, rtol=0)
    torch.testing.assert_close(drawn.std(dim=0), outputs["code_deviation"][0].detach(), atol=0.02, rtol=0)


def test_the_code_s_layer_is_that_of_the_mean():
    spec = NetworkSpec(encoder=(LayerSpec(units=6),), code=LayerSpec(units=3, activation="tanh"))
    network = build(spec, VARIATIONAL, 9, 3, generator())
    assert network.code_weight.shape == (3, 6) and network.code_bounds == (-1.0, 1.0)


def test_a_zero_inflated_network_gives_the_odds_of_a_zero_for_each_gene():
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="zero_inflated_negative_binomial"))
    network = build(SHARES.model_copy(update={"library_size": False}), objective, 9, 0, generator())
    outputs = network(torch.rand(4, 9))
    assert outputs["zero_logits"].shape == (4, 9) and network.log_dispersion.shape == (9,)


def test_with_an_offset_each_cell_adds_up_to_its_library():
    network = build(SHARES, COUNTS, 9, 0, generator()).eval()
    cells = torch.poisson(torch.full((4, 9), 3.0), generator())
    torch.testing.assert_close(network(cells)["reconstruction"].sum(dim=1), cells.sum(dim=1))
    library = torch.tensor([1.0, 10.0, 100.0, 0.0])
    outputs = network(cells, library)["reconstruction"]
    torch.testing.assert_close(outputs.sum(dim=1), library)
    code = network.encode(cells)
    torch.testing.assert_close(network.decode(code, library), outputs)
    shares = network.decode(code)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4))
    network.typical_library.fill_(50.0)
    torch.testing.assert_close(network.decode(code), 50 * shares)


def test_shares_do_not_depend_on_the_size_of_a_cell_whose_code_is_the_same():
    network = build(SHARES, COUNTS, 9, 0, generator()).eval()
    code = torch.randn(1, 3, generator=generator())
    small, large = network.decode(code, torch.tensor([10.0])), network.decode(code, torch.tensor([1000.0]))
    torch.testing.assert_close(100 * small, large)


def test_a_layer_of_gene_sets_sees_no_other_genes():
    mask = torch.tensor([[True, True, False, False, False], [False, False, True, True, True]])
    spec = NetworkSpec(encoder=(LayerSpec(units=2),), code=LayerSpec(units=3), gene_sets=GeneSetLayerSpec())
    network = build(spec, REBUILD, 5, 0, generator(), mask=mask)
    first = network.encoder[0]
    x = torch.rand(1, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(first(x)[0, 0] + first.linear(x)[0, 0], x)
    assert torch.equal(gradient[0] != 0, mask[0])
    with pytest.raises(SpecError, match="do not fit the first layer"):
        build(spec, REBUILD, 6, 0, generator(), mask=mask)


def test_the_deviation_of_a_code_of_gene_sets_sees_no_other_genes_either():
    mask = torch.tensor([[True, True, False], [False, True, True]])
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=2, activation="linear"), gene_sets=GeneSetLayerSpec())
    network = build(spec, VARIATIONAL, 3, 3, generator(), mask=mask).eval()
    x = torch.rand(1, 3, requires_grad=True)
    for output in ("code", "code_deviation"):
        (gradient,) = torch.autograd.grad(network(x)[output][0, 1], x)
        assert torch.equal(gradient[0] != 0, mask[1])
    assert torch.equal(network.code_weight != 0, mask)


def test_layers_can_see_the_logarithm_while_counts_are_rebuilt():
    spec = NetworkSpec(encoder=(), code=LINEAR, input_log=True)
    network, plain = (build(each, REBUILD, 6, 0, generator()) for each in (spec, NetworkSpec(encoder=(), code=LINEAR)))
    cells = torch.poisson(torch.full((4, 6), 2.0), generator())
    torch.testing.assert_close(network.encode(cells), plain.encode(torch.log1p(cells)))
    with pytest.raises(SpecError, match="do not fit their logarithm"):
        NetworkSpec(encoder=(), code=LayerSpec(units=2, init="pca"), input_log=True)


@pytest.mark.parametrize("linear_path", [False, True])
def test_poisson_learns_from_what_the_softplus_sees(linear_path):
    spec = NetworkSpec(encoder=(), code=LINEAR, output_activation="softplus", linear_path=linear_path)
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="poisson"))
    start = {"components": torch.eye(2, 6), "centre": torch.zeros(6)} if linear_path else {}
    network = build(spec, objective, 6, 0, generator(), **start)
    cells = torch.poisson(torch.full((4, 6), 2.0), generator())
    seen = network(cells)[LINEAR_OUTPUT]
    network.eval()
    torch.testing.assert_close(nn.functional.softplus(seen), network(cells)["reconstruction"])
    offset = spec.model_copy(update={"library_size": True, "linear_path": False})
    assert "reconstruction" in build(offset, objective, 6, 0, generator())(cells)
