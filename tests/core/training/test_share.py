from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.networks.batch import Batch
from core.training.batches import ArrayBatches
from core.training.seeding import generator
from core.training.share import ALL, Share, part, shared

CPU = torch.device("cpu")


@given(st.integers(0, 500), st.integers(1, 9))
def test_shares_cover_a_batch_once_and_are_equal_to_one_row(n, count):
    bounds = [Share(number, count).of(n) for number in range(count)]
    assert [row for first, last in bounds for row in range(first, last)] == list(range(n))
    sizes = Share(0, count).sizes(n)
    assert sizes == [last - first for first, last in bounds]
    assert max(sizes) - min(sizes) <= 1
    assert ALL.of(n) == (0, n)


class Whole:
    """Batches that know nothing of shares."""

    def __init__(self, batches: ArrayBatches) -> None:
        self.batches, self.n = batches, batches.n

    def epoch(self, *arguments):
        yield from self.batches.epoch(*arguments)


def batches() -> ArrayBatches:
    rng = np.random.default_rng(0)
    x = sparse.random(23, 7, 0.2, format="csr", rng=rng, dtype=np.float32)
    return ArrayBatches(x, rng.integers(0, 3, 23), rng.dirichlet(np.ones(3), 23))


def test_shares_of_shuffled_batches_are_the_batch_whether_made_whole_or_not():
    whole = list(batches().epoch(1, 5, generator(3), CPU))
    for source in (batches(), Whole(batches())):
        parts = [list(shared(source, Share(number, 3)).epoch(1, 5, generator(3), CPU)) for number in range(3)]
        for batch, *shares in zip(whole, *parts, strict=True):
            assert all(share.whole == batch.n == batch.whole for share in shares)
            for name in ("x", "labels", "proportions"):
                assert torch.equal(torch.cat([getattr(share, name) for share in shares]), getattr(batch, name))
            for share in shares:
                flat = torch.zeros(share.x.numel()).index_put((share.nonzero.position,), share.nonzero.value)
                assert torch.equal(flat.view_as(share.x), share.x)


def test_a_share_does_not_change_the_batches_it_is_of():
    one = batches()
    shared(one, Share(1, 2))
    assert next(one.epoch(0, 5, None, CPU)).n == 5


def test_a_part_of_a_batch_with_a_target_of_its_own():
    batch = Batch(torch.arange(12.0).view(4, 3), target=torch.arange(8.0).view(4, 2))
    found = part(batch, 1, 3)
    assert torch.equal(found.x, batch.x[1:3])
    assert torch.equal(found.target, batch.target[1:3])
    assert (found.n, found.whole, found.labels) == (2, 4, None)
