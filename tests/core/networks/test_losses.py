from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from core.networks import losses
from core.networks.batch import Batch, NonZero
from core.networks.count_losses import (
    negative_binomial,
    negative_binomial_of_linear,
    of_library,
    poisson,
    poisson_of_linear,
    zero_inflated_negative_binomial,
)

TARGET = torch.tensor([[0.0, 3.0], [1.0, 0.0]])
REBUILT = torch.tensor([[0.5, 2.0], [2.0, 0.1]])
NONZERO = NonZero(torch.tensor([1, 2]), torch.tensor([1, 0]), torch.tensor([3.0, 1.0]))


def counts(n: int = 20, genes: int = 30) -> tuple[torch.Tensor, torch.Tensor, NonZero]:
    generator = torch.Generator().manual_seed(0)
    target = torch.poisson(torch.full((n, genes), 0.3), generator)
    rebuilt = torch.rand(n, genes, generator=generator) + 0.01
    position = target.flatten().nonzero().flatten()
    return target, rebuilt, NonZero(position, position % target.shape[1], target.flatten()[position])


def test_reconstruction_losses_by_hand():
    batch = Batch(TARGET)
    assert losses.reconstruction("mse", REBUILT, batch).item() == pytest.approx((0.25 + 1 + 1 + 0.01) / 4)
    assert losses.reconstruction("mae", REBUILT, batch).item() == pytest.approx((0.5 + 1 + 1 + 0.1) / 4)
    assert losses.reconstruction("huber", REBUILT, batch).item() == pytest.approx((0.125 + 0.5 + 0.5 + 0.005) / 4)


def test_a_target_of_its_own_is_what_is_compared():
    assert losses.reconstruction("mse", REBUILT, Batch(TARGET, target=REBUILT)).item() == 0


def test_poisson_is_that_of_torch():
    target, rebuilt, nonzero = counts()
    expected = functional.poisson_nll_loss(rebuilt, target, log_input=False)
    torch.testing.assert_close(poisson(rebuilt, target), expected)
    torch.testing.assert_close(poisson(rebuilt, target, nonzero), expected)


def test_negative_binomial_is_that_of_scipy():
    target, rebuilt, nonzero = counts()
    theta = torch.linspace(0.2, 5, target.shape[1])
    p = theta / (theta + rebuilt)
    expected = -stats.nbinom.logpmf(target.numpy(), theta.numpy(), p.double().numpy()).mean()
    assert negative_binomial(rebuilt, target, theta).item() == pytest.approx(expected, rel=1e-5)
    assert negative_binomial(rebuilt, target, theta, nonzero).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["poisson", "negative_binomial"])
def test_sparse_and_dense_count_losses_have_the_same_gradients(kind):
    target, rebuilt, nonzero = counts()
    found = []
    for known in (None, nonzero):
        y = rebuilt.clone().requires_grad_()
        theta = torch.full((target.shape[1],), 2.0, requires_grad=True)
        loss = poisson(y, target, known) if kind == "poisson" else negative_binomial(y, target, theta, known)
        (3 * loss).backward()
        found.append((y.grad, theta.grad))
    torch.testing.assert_close(found[0][0], found[1][0], atol=1e-7, rtol=1e-4)
    torch.testing.assert_close(found[0][1], found[1][1], atol=1e-7, rtol=1e-4)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_poisson_of_what_the_softplus_sees_is_poisson_of_the_softplus(kind):
    target, _, nonzero = counts(50, 40)
    values = (6 * torch.randn(target.shape, generator=torch.Generator().manual_seed(1))).to(kind)
    values[0, :2] = torch.tensor([90.0, -60.0])  # the exponential of the one overflows, of the other vanishes
    exact = values.double().requires_grad_()
    expected = poisson(functional.softplus(exact), target.double())
    (3 * expected).backward()
    given = values.clone().requires_grad_()
    loss = poisson_of_linear(given, target, nonzero)
    (3 * loss).backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    rough = 1e-2 if kind == torch.bfloat16 else 1e-5
    torch.testing.assert_close(given.grad.double(), exact.grad, rtol=rough, atol=1e-9)
    torch.testing.assert_close(poisson_of_linear(values, target), loss.detach())
    assert torch.equal(values, given.detach())


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("activation", "offset"), [("softplus", False), ("softplus", True), ("softmax", True)])
def test_negative_binomial_of_what_the_output_sees_is_that_of_the_output(activation, offset, kind):
    target, _, nonzero = counts(50, 4000)  # more values than one piece
    values = (4 * torch.randn(target.shape, generator=torch.Generator().manual_seed(1))).to(kind)
    values[0, :2] = torch.tensor([90.0, -60.0])  # the exponential of the one overflows, of the other vanishes
    theta, library = torch.logspace(-2, 3, target.shape[1]), target.sum(dim=1) if offset else None
    exact = [values.double().requires_grad_(), theta.double().requires_grad_()]
    rebuilt = exact[0].softmax(dim=1) if activation == "softmax" else functional.softplus(exact[0])
    if library is not None:
        rebuilt = of_library(rebuilt, library.double())
    expected = negative_binomial(rebuilt, target.double(), exact[1])
    (3 * expected).backward()
    given = [values.clone().requires_grad_(), theta.clone().requires_grad_()]
    loss = negative_binomial_of_linear(given[0], activation, library, target, given[1], nonzero)
    (3 * loss).backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    rough = 1e-2 if kind == torch.bfloat16 else 1e-3
    torch.testing.assert_close(given[0].grad.double(), exact[0].grad, rtol=rough, atol=1e-9)
    torch.testing.assert_close(given[1].grad.double(), exact[1].grad, rtol=1e-3, atol=1e-6)
    with torch.no_grad():
        plain = negative_binomial_of_linear(values, activation, library, target, theta)
    torch.testing.assert_close(plain, loss.detach(), rtol=1e-5, atol=0)
    assert torch.equal(values, given[0].detach())


def test_negative_binomial_of_large_and_of_broken_counts_is_exact():
    target, rebuilt, _ = counts(50, 40)
    target[::7, ::3], target[1::7, ::5], target[2, 2] = 300.0, 16.0, 2.5
    position = target.flatten().nonzero().flatten()
    nonzero = NonZero(position, position % target.shape[1], target.flatten()[position])
    theta = torch.logspace(-2, 3, target.shape[1])
    exact = [rebuilt.double().requires_grad_(), theta.double().requires_grad_()]
    expected = negative_binomial(exact[0], target.double(), exact[1])
    expected.backward()
    given = [rebuilt.clone().requires_grad_(), theta.clone().requires_grad_()]
    loss = negative_binomial(given[0], target, given[1], nonzero)
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for found, wanted in zip(given, exact, strict=True):
        torch.testing.assert_close(found.grad.double(), wanted.grad, rtol=1e-3, atol=1e-6)
    with torch.no_grad():
        assert negative_binomial(rebuilt, target, theta, nonzero).item() == loss.item()


def test_a_large_dispersion_approaches_poisson():
    target, rebuilt, _ = counts()
    theta = torch.full((target.shape[1],), 1e4)
    expected = functional.poisson_nll_loss(rebuilt, target, log_input=False) + torch.lgamma(target + 1).mean()
    assert negative_binomial(rebuilt, target, theta).item() == pytest.approx(expected.item(), rel=2e-3)


def test_cross_entropy_is_that_of_torch_with_weights_and_smoothing():
    generator = torch.Generator().manual_seed(0)
    logits, labels = torch.randn(6, 3, generator=generator), torch.tensor([0, 1, 2, 0, 0, 1])
    weights = torch.tensor([0.5, 1.0, 2.0])
    for smoothing in (0.0, 0.1):
        for given_weights in (None, weights):
            torch.testing.assert_close(
                losses.cross_entropy(logits, labels, smoothing=smoothing, class_weights=given_weights),
                functional.cross_entropy(logits, labels, weight=given_weights, label_smoothing=smoothing),
            )


def test_cells_without_a_label_do_not_count():
    logits = torch.tensor([[2.0, 0.0], [0.0, 9.0]])
    alone = losses.cross_entropy(logits[:1], torch.tensor([0]))
    torch.testing.assert_close(losses.cross_entropy(logits, torch.tensor([0, -1])), alone)
    assert losses.cross_entropy(logits, torch.tensor([-1, -1])).item() == 0


def test_proportion_losses_by_hand():
    true, predicted = torch.tensor([[0.5, 0.5], [1.0, 0.0]]), torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    kl = (0.5 * np.log(2) + 0.5 * np.log(2 / 3) + np.log(2)) / 2
    assert losses.proportions("kl", predicted, true).item() == pytest.approx(kl, rel=1e-6)
    assert losses.proportions("mae", predicted, true).item() == pytest.approx(0.375)
    assert losses.proportions("mse", predicted, true).item() == pytest.approx((2 * 0.0625 + 2 * 0.25) / 4)
    assert losses.proportions("kl_mae", predicted, true).item() == pytest.approx(kl + 0.375, rel=1e-6)


@given(st.lists(st.integers(0, 20), min_size=2, max_size=6).filter(any))
def test_kl_is_zero_at_the_truth_and_positive_elsewhere(parts):
    true = torch.tensor([parts], dtype=torch.float32)
    true = true / true.sum()
    assert losses.proportions("kl", true, true).item() == 0
    assert losses.proportions("kl", torch.full_like(true, 1 / len(parts)), true).item() >= -1e-6


def test_kl_has_a_gradient_even_where_the_network_is_sure_and_wrong():
    logits = torch.tensor([[0.0, 60.0]], requires_grad=True)
    losses.proportions("kl", logits.softmax(dim=1), torch.tensor([[1.0, 0.0]])).backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[-1.0, 1.0]]))


def test_class_weights_average_to_one_over_the_cells():
    sizes = torch.tensor([90, 10, 0])
    assert losses.class_weights(sizes, "none") is None
    torch.testing.assert_close(losses.class_weights(sizes, "balanced"), torch.tensor([100 / 180, 5.0, 0.0]))
    mild = losses.class_weights(sizes, "sqrt")
    assert (mild * sizes).sum().item() == pytest.approx(100)
    assert (mild[1] / mild[0]).item() == pytest.approx(3.0)


def zero_inflated(target: torch.Tensor, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Dispersions (n_genes,) and log odds (n, n_genes) for ``target``."""
    logits = 2 * torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
    return torch.linspace(0.2, 5, target.shape[1]), logits


def test_zero_inflation_is_a_mixture_of_a_zero_and_the_negative_binomial_of_scipy():
    target, rebuilt, nonzero = counts()
    theta, logits = zero_inflated(target)
    share = 1 / (1 + np.exp(-logits.double().numpy()))
    p = (theta / (theta + rebuilt)).double().numpy()
    likelihood = share * (target.numpy() == 0) + (1 - share) * stats.nbinom.pmf(target.numpy(), theta.numpy(), p)
    expected = -np.log(likelihood).mean()
    for known in (None, nonzero):
        found = zero_inflated_negative_binomial(rebuilt, target, theta, logits, known)
        assert found.item() == pytest.approx(expected, rel=1e-5)


def test_without_inflation_it_is_the_negative_binomial():
    target, rebuilt, nonzero = counts()
    theta, _ = zero_inflated(target)
    never = torch.full_like(target, -30.0)
    found = zero_inflated_negative_binomial(rebuilt, target, theta, never, nonzero)
    torch.testing.assert_close(found, negative_binomial(rebuilt, target, theta), rtol=1e-5, atol=1e-6)


def test_sparse_and_dense_zero_inflated_losses_and_gradients_agree_to_a_millionth():
    target, rebuilt, nonzero = counts(50, 40)
    theta, logits = zero_inflated(target)
    found = []
    for known in (None, nonzero):
        given = [each.clone().requires_grad_() for each in (rebuilt, theta, logits)]
        loss = zero_inflated_negative_binomial(given[0], target, given[1], given[2], known)
        loss.backward()
        found.append([loss.detach(), *(each.grad for each in given)])
    for dense, sparse in zip(*found, strict=True):
        torch.testing.assert_close(dense, sparse, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("sparse", [False, True])
def test_zero_inflated_gradients_are_those_of_finite_differences(sparse):
    target, rebuilt, nonzero = (each.double() if isinstance(each, torch.Tensor) else each for each in counts(4, 5))
    known = NonZero(nonzero.position, nonzero.column, nonzero.value.double()) if sparse else None
    theta, logits = (each.double().requires_grad_() for each in zero_inflated(target))
    torch.autograd.gradcheck(
        lambda y, t, z: zero_inflated_negative_binomial(y, target, t, z, known),
        (rebuilt.requires_grad_(), theta, logits),
    )


@pytest.mark.parametrize("logit", [-90.0, 90.0])
@pytest.mark.parametrize("mean", [0.0, 1e-8, 1e6])
def test_zero_inflation_stays_finite_at_its_edges(logit, mean):
    y, z = torch.full((2, 3), mean, requires_grad=True), torch.full((2, 3), logit, requires_grad=True)
    loss = zero_inflated_negative_binomial(y, torch.tensor([[0.0, 1, 500], [0, 0, 2]]), torch.ones(3), z)
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(y.grad).all() and torch.isfinite(z.grad).all()


@given(st.integers(0, 1000))
def test_the_divergence_of_a_code_is_that_of_torch(seed):
    generator = torch.Generator().manual_seed(seed)
    mean = 3 * torch.randn(6, 4, generator=generator)
    deviation = torch.rand(6, 4, generator=generator) + 0.01
    expected = kl_divergence(Normal(mean, deviation), Normal(0.0, 1.0)).sum(dim=1).mean()
    torch.testing.assert_close(losses.code_divergence(mean, deviation), expected, rtol=1e-5, atol=1e-5)
    assert losses.code_divergence(torch.zeros(3, 2), torch.ones(3, 2)).item() == 0
