from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.distributions import NegativeBinomial, Normal, kl_divergence

from core.errors import DataError, SpecError
from core.networks import losses, penalties
from core.networks.batch import Batch
from core.networks.build import build
from core.networks.objective import Objective
from core.specs import (
    ClassSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    VariationalSpec,
)

SPEC = ObjectiveSpec(
    reconstruction=ReconstructionSpec(weight=2.0),
    classes=ClassSpec(weight=3.0, label_smoothing=0.1),
    proportions=ProportionSpec(weight=4.0),
    orthogonality=0.5,
    decorrelation=0.25,
    l1=0.125,
    l2=0.0625,
)
NETWORK = NetworkSpec(encoder=(LayerSpec(units=6),), code=LayerSpec(units=4))


def made() -> tuple[nn.Module, Batch]:
    generator = torch.Generator().manual_seed(0)
    batch = Batch(
        torch.rand(5, 7, generator=generator),
        labels=torch.tensor([0, 1, 2, 1, 0]),
        proportions=torch.full((5, 3), 1 / 3),
    )
    return build(NETWORK, SPEC, 7, 3, generator), batch


def test_the_total_is_the_weighted_sum_of_the_terms():
    network, batch = made()
    weights = torch.tensor([1.0, 2.0, 3.0])
    outputs = network(batch.x)
    total, terms = Objective(SPEC, weights)(network, outputs, batch)
    factors = dict(
        zip(
            ("reconstruction", "classes", "proportions", "orthogonality", "decorrelation", "l1", "l2"),
            (2, 3, 4, 0.5, 0.25, 0.125, 0.0625),
            strict=True,
        )
    )
    assert terms.keys() == factors.keys()
    assert total.item() == pytest.approx(sum(factor * terms[name].item() for name, factor in factors.items()), rel=1e-5)
    expected = losses.cross_entropy(outputs["class_logits"], batch.labels, smoothing=0.1, class_weights=weights)
    torch.testing.assert_close(terms["classes"], expected)
    torch.testing.assert_close(terms["orthogonality"], penalties.orthogonality(network.code_weight))
    torch.testing.assert_close(terms["decorrelation"], penalties.decorrelation(outputs["code"]))


def test_terms_that_are_off_are_absent():
    network, batch = made()
    _, terms = Objective(ObjectiveSpec(classes=ClassSpec()))(network, network(batch.x), batch)
    assert set(terms) == {"classes"}


def test_missing_labels_and_proportions_are_named():
    network, batch = made()
    for head, word in (({"classes": ClassSpec()}, "cell types"), ({"proportions": ProportionSpec()}, "proportions")):
        with pytest.raises(DataError, match=word):
            Objective(ObjectiveSpec(**head))(network, network(batch.x), Batch(batch.x))


def test_negative_binomial_learns_a_dispersion_per_gene():
    spec = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"))
    softplus = NETWORK.model_copy(update={"output_activation": "softplus"})
    network = build(softplus, spec, 7, 0, torch.Generator().manual_seed(0))
    batch = Batch(torch.poisson(torch.ones(5, 7)))
    Objective(spec)(network, network(batch.x), batch)[0].backward()
    assert network.log_dispersion.grad.shape == (7,)
    assert torch.all(network.log_dispersion.grad != 0)


def test_a_part_that_a_users_network_lacks_is_named():
    spec = ObjectiveSpec(reconstruction=ReconstructionSpec(), orthogonality=1.0)
    outputs = {"code": torch.zeros(2, 1), "reconstruction": torch.zeros(2, 3)}
    with pytest.raises(SpecError, match="code_weight"):
        Objective(spec)(nn.Linear(3, 1), outputs, Batch(torch.zeros(2, 3)))


WARMING = ObjectiveSpec(reconstruction=ReconstructionSpec(), variational=VariationalSpec(weight=2.0, warm_up=4))


def test_the_divergence_counts_per_gene_as_the_reconstruction_does():
    network = build(NETWORK, WARMING, 7, 0, torch.Generator().manual_seed(0)).eval()
    batch = made()[1]
    outputs = network(batch.x)
    total, terms = Objective(WARMING)(network, outputs, batch)
    expected = losses.code_divergence(outputs["code"], outputs["code_deviation"]) / 7
    torch.testing.assert_close(terms["kl"], expected)
    torch.testing.assert_close(total, terms["reconstruction"] + 2 * terms["kl"])


def test_the_evidence_lower_bound_per_gene_is_that_of_torch():
    counts = torch.poisson(torch.full((6, 7), 2.0), torch.Generator().manual_seed(0))
    spec = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="negative_binomial"), variational=VariationalSpec())
    softplus = NETWORK.model_copy(update={"output_activation": "softplus"})
    network = build(softplus, spec, 7, 0, torch.Generator().manual_seed(0)).eval()
    outputs = network(counts)
    total, _ = Objective(spec)(network, outputs, Batch(counts))
    theta = network.log_dispersion.exp()
    observed = NegativeBinomial(theta, logits=(outputs["reconstruction"] / theta).log())
    code = Normal(outputs["code"], outputs["code_deviation"])
    bound = observed.log_prob(counts).sum(dim=1) - kl_divergence(code, Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(total, -bound.mean() / 7, rtol=1e-4, atol=1e-5)


def test_the_divergence_s_weight_rises_from_nothing_in_equal_steps():
    objective = Objective(WARMING)
    weights = [objective.in_epoch(number).weights["kl"] for number in range(1, 8)]
    assert weights == [0.0, 0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
    assert objective.in_epoch(1).weights["reconstruction"] == 1.0 and objective.weights["kl"] == 2.0
    at_once = Objective(WARMING.model_copy(update={"variational": VariationalSpec(warm_up=0)}))
    assert at_once.in_epoch(1) is at_once
    assert objective.total({"reconstruction": 3.0, "kl": 0.5}) == 4.0


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (WARMING, "code_deviation"),
        (ObjectiveSpec(reconstruction=ReconstructionSpec(loss="zero_inflated_negative_binomial")), "zero_logits"),
    ],
)
def test_an_output_that_a_users_network_lacks_is_named(spec, name):
    own = nn.Linear(3, 1)
    own.log_dispersion = nn.Parameter(torch.zeros(3))
    outputs = {"code": torch.zeros(2, 1), "reconstruction": torch.ones(2, 3)}
    with pytest.raises(SpecError, match=name):
        Objective(spec)(own, outputs, Batch(torch.zeros(2, 3)))
