"""Two devices in one process, each told beforehand what the other would send; real processes: ``test_ranks``."""

from __future__ import annotations

import pytest
import torch

from core.networks.batch import outputs_of
from core.networks.losses import class_weight_sum
from core.networks.objective import Objective
from core.training.metrics import Totals
from core.training.peers import ALONE, Together
from core.training.share import ALL, Share, part
from tests.core.training.test_ranks import CLASS_WEIGHTS, EVERYTHING, PLAIN, cells, made

CPU = torch.device("cpu")


def told(share: Share, codes: list[torch.Tensor], weight_sum: torch.Tensor) -> Together:
    """A device that hears of the others' codes, and of the class weights of the whole batch."""
    most = max(len(code) for code in codes)
    padded = [torch.cat([code, code.new_zeros(most - len(code), code.shape[1])]).detach() for code in codes]

    def gather(own: torch.Tensor) -> torch.Tensor:
        return torch.stack([own if number == share.number else each for number, each in enumerate(padded)])

    return Together(share, lambda values: values.copy_(weight_sum), gather)


@pytest.mark.parametrize(("n", "count"), [(7, 2), (6, 3), (2, 3)])
def test_losses_and_gradients_of_the_shares_add_up_to_those_of_the_batch(n, count):
    network, objective = made(PLAIN), Objective(EVERYTHING, CLASS_WEIGHTS)
    batch = next(cells(n).epoch(0, n, None, CPU))
    total, terms = ALONE.loss(objective, network, outputs_of(network, batch), batch)
    total.backward()
    expected = [parameter.grad for parameter in network.parameters()]

    network.zero_grad()
    shares = [Share(number, count) for number in range(count)]
    parts = [part(batch, *share.of(n)) for share in shares]
    outputs = [outputs_of(network, each) for each in parts]
    weight_sum = class_weight_sum(batch.labels, CLASS_WEIGHTS)
    codes = [each["code"] for each in outputs]
    found = [
        told(share, codes, weight_sum).loss(objective, network, given, own)
        for share, given, own in zip(shares, outputs, parts, strict=True)
    ]
    torch.testing.assert_close(sum(each[0] for each in found), total)
    for name, term in terms.items():
        torch.testing.assert_close(sum(each[1][name] for each in found), term, msg=name)
    # a code that came from another device is a plain number here: its gradient comes back from there
    without = {name: weight for name, weight in objective.weights.items() if name != "decorrelation"}
    sum(weight * each[1][name] for each in found for name, weight in without.items()).backward()
    decorrelation = Objective(EVERYTHING).weights["decorrelation"]
    alone = [parameter.grad for parameter in network.parameters()]
    network.zero_grad()
    whole = outputs_of(network, batch)
    (decorrelation * objective(network, whole, batch)[1]["decorrelation"]).backward()
    for one, rest, all_of_it in zip(alone, network.parameters(), expected, strict=True):
        more = torch.zeros_like(all_of_it) if rest.grad is None else rest.grad
        torch.testing.assert_close(one + more, all_of_it, rtol=1e-4, atol=1e-6)


def test_the_first_device_draws_what_one_alone_would_and_the_others_something_else():
    seeds = [Together(Share(number, 3), lambda values: values, lambda values: values).seed(5) for number in range(3)]
    assert seeds[0] == ALONE.seed(5) == 5
    assert len(set(seeds)) == 3


def test_sums_of_an_epoch_are_added():
    """The other device found the same, so that every sum is doubled and every mean stays."""
    network, objective = made(PLAIN), Objective(EVERYTHING, CLASS_WEIGHTS)
    batch = next(cells().epoch(0, 8, None, CPU))
    totals = Totals()
    outputs = outputs_of(network, batch)
    with torch.no_grad():
        totals.add(*objective(network, outputs, batch), outputs, batch)
    before, n = [each.clone() for each in totals.tensors()], totals.n
    added = Together(ALL, lambda values: values.mul_(2), lambda values: values).add_totals(totals)
    assert added.n == n
    assert all(torch.equal(now, 2 * then) for now, then in zip(added.tensors(), before, strict=True))
