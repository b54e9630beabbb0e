"""Several references, each with networks and a linear model of its own, and their answers averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.composition.deconvolve import Composition

if TYPE_CHECKING:
    from collections.abc import Sequence


def all_labels(labels: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The types that any reference knows, in alphabetical order."""
    return tuple(sorted({label for own in labels for label in own}))


def mean_shares(shares: Sequence[np.ndarray], labels: Sequence[Sequence[str]]) -> np.ndarray:
    """Proportions averaged over the references that know each type.

    Parameters
    ----------
    shares
        For each reference (n_samples, its types), rows sum to one.
    labels
        For each reference the names of its types.

    Returns
    -------
    (n_samples, all types) in the order of ``all_labels``, rows sum to one.
    """
    found = _mean(shares, labels)
    return found / found.sum(axis=1, keepdims=True)


def together(found: Sequence[Composition], labels: Sequence[Sequence[str]]) -> Composition:
    """One composition from those by several references.

    Proportions are averaged as by ``mean_shares``, the ends of the intervals alike: an interval is as wide as those of
    the references are on average, and wider than that nowhere. ``spread`` holds both that within the references and
    that between them. ``residual`` and ``out_of_reference`` are those of the reference that rebuilds a sample best, by
    the second; ``linear_weight`` is the mean.

    Parameters
    ----------
    found
        For each reference what it says of the same samples.
    labels
        For each reference the names of its types.
    """
    if len(found) == 1:
        return found[0]
    total = _mean([each.proportions for each in found], labels).sum(axis=1, keepdims=True)
    low, high = (_mean([getattr(each, end) for each in found], labels) / total for end in ("low", "high"))
    within = _mean([np.square(each.spread) for each in found], labels)
    between = np.nanvar(_placed([each.proportions for each in found], labels), axis=0)
    best = np.argmin([each.out_of_reference for each in found], axis=0)[None]
    return Composition(
        mean_shares([each.proportions for each in found], labels),
        low,
        np.minimum(high, 1),
        np.sqrt(within + between),
        np.mean([each.linear_weight for each in found], axis=0),
        np.take_along_axis(np.stack([each.residual for each in found]), best, axis=0)[0],
        np.take_along_axis(np.stack([each.out_of_reference for each in found]), best, axis=0)[0],
    )


def _mean(values: Sequence[np.ndarray], labels: Sequence[Sequence[str]]) -> np.ndarray:
    return np.nanmean(_placed(values, labels), axis=0)


def _placed(values: Sequence[np.ndarray], labels: Sequence[Sequence[str]]) -> np.ndarray:
    """(n_references, n_samples, all types), NaN where a reference does not know the type."""
    names = all_labels(labels)
    placed = np.full((len(values), len(values[0]), len(names)), np.nan)
    for place, own, value in zip(placed, labels, values, strict=True):
        place[:, [names.index(label) for label in own]] = value
    return placed
