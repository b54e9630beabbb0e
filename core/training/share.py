"""One device's share of each batch, where several learn from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.networks.batch import NonZero

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from core.networks.batch import Batch
    from core.training.batches import Batches


@dataclass(frozen=True)
class Share:
    """The part that device ``number`` (from 0) of ``count`` takes of each batch: neighbouring rows, equal to one."""

    number: int
    count: int

    def of(self, n: int) -> tuple[int, int]:
        """First and last-plus-one of the rows that fall to this device in a batch of ``n``; none in a small one."""
        return n * self.number // self.count, n * (self.number + 1) // self.count

    def sizes(self, n: int) -> list[int]:
        """How many rows of a batch of ``n`` fall to each device."""
        bounds = [n * number // self.count for number in range(self.count + 1)]
        return [last - first for first, last in pairwise(bounds)]


ALL = Share(0, 1)


@runtime_checkable
class Shareable(Protocol):
    """Batches that make no more of a batch than the share that is asked for."""

    def shared(self, share: Share) -> Batches: ...


def shared(batches: Batches, share: Share) -> Batches:
    """The same batches in the same order, of each only the part that ``share`` takes."""
    return batches.shared(share) if isinstance(batches, Shareable) else _Cut(batches, share)


class _Cut:
    """Batches that are made whole and then cut."""

    def __init__(self, batches: Batches, share: Share) -> None:
        self.batches, self.share, self.n = batches, share, batches.n

    def epoch(
        self, number: int, batch_size: int, generator: torch.Generator | None, device: torch.device
    ) -> Iterator[Batch]:
        for batch in self.batches.epoch(number, batch_size, generator, device):
            yield part(batch, *self.share.of(batch.n))


def part(batch: Batch, first: int, last: int) -> Batch:
    """Rows ``first`` to ``last`` of a whole batch."""
    names = ("target", "labels", "proportions")
    given = {name: value[first:last] for name in names if (value := getattr(batch, name)) is not None}
    nonzero = batch.nonzero
    if nonzero is not None:
        width = batch.reconstruction_target.shape[1]
        inside = (nonzero.position >= first * width) & (nonzero.position < last * width)
        nonzero = NonZero(nonzero.position[inside] - first * width, nonzero.column[inside], nonzero.value[inside])
    return replace(batch, x=batch.x[first:last], nonzero=nonzero, whole=batch.n, **given)
