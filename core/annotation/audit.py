"""Leave each reference type out in turn: would its cells be refused, or swallowed by another type?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.annotation.linear import fit_linear
from core.annotation.rejection import ranked, threshold
from core.annotation.strangeness import MEASURES, Measure, principal_axes, surroundings

CELLS_PER_TYPE = 100
HELD_SHARE = 1 / 3
RATES = 101
AXES = 256
"""Principal axes of the whole sample, in which the few that matter without one of its types still lie."""


@dataclass(frozen=True)
class LeftOut:
    """What happens to the cells of a type that the reference lacks.

    Attributes
    ----------
    known
        (n_known,), open-set scores of held-out cells of the other types.
    unknown
        (n_unknown,), scores of the cells of the type left out.
    called
        (n_unknown,), the type number each of them would get.
    """

    known: np.ndarray
    unknown: np.ndarray
    called: np.ndarray

    def refused(self, rate: float) -> float:
        """Share of the left-out cells refused when ``rate`` of the known cells are."""
        return float((self.unknown > threshold(self.known, rate)).mean())


def leave_types_out(
    values: np.ndarray,
    labels: np.ndarray,
    n_types: int,
    rng: np.random.Generator,
    measures: tuple[Measure, ...] = MEASURES,
) -> dict[int, LeftOut]:
    """Refit components, distances and a linear model without each type in turn.

    A sample of at most 100 cells per type keeps this cheap, and the linear model reads principal components.

    Parameters
    ----------
    values
        (n_cells, n_genes), scaled genes of the reference.
    labels
        (n_cells,), type numbers.
    n_types
        How many types there are.
    rng
        Draws the sample and the held-out third.
    measures
        Which strangeness measures are averaged.

    Returns
    -------
    By type number; empty where fewer than three types have two cells, since two must remain to tell apart.
    """
    sample = [rng.permutation(np.flatnonzero(labels == kind))[:CELLS_PER_TYPE] for kind in range(n_types)]
    usable = [kind for kind in range(n_types) if len(sample[kind]) >= 2]
    if len(usable) < 3:
        return {}
    cut = {kind: max(1, round(HELD_SHARE * len(sample[kind]))) for kind in usable}
    order = np.concatenate([sample[kind] for kind in usable])
    ends = np.cumsum([len(sample[kind]) for kind in usable])
    place = dict(zip(usable, np.split(np.arange(len(order)), ends[:-1]), strict=True))
    values, labels = values[order], labels[order]
    if "residual" not in measures and min(values.shape) > AXES:
        values = values @ principal_axes(values - values.mean(axis=0), AXES, rng).T
    found = {}
    for absent in usable:
        others = [kind for kind in usable if kind != absent]
        train = np.concatenate([place[kind][cut[kind] :] for kind in others])
        test = np.concatenate([place[kind][: cut[kind]] for kind in others])
        around = surroundings(values[train], labels[train], rng)
        model = fit_linear(around.scores(values[train]), labels[train], n_types)
        stranger = values[place[absent]]
        votes = model.logits(around.scores(stranger))
        known = around.measured(values[test], model.logits(around.scores(values[test])), measures)
        unknown = around.measured(stranger, votes, measures)
        ordered = np.sort(known, axis=0)
        found[absent] = LeftOut(ranked(known, ordered), ranked(unknown, ordered), votes.argmax(axis=1))
    return found


def reject_rate(left_out: Mapping[int, LeftOut], at_most: float) -> float:
    """The false-reject rate, up to ``at_most``, that gains the most refused unknown cells for each known cell lost.

    Parameters
    ----------
    left_out
        Scores with each type left out.
    at_most
        Share of known cells that may be refused, 0 to 1.

    Returns
    -------
    A rate from 0 to ``at_most``; ``at_most`` itself where no type could be left out.
    """
    if not left_out:
        return at_most
    rates = np.linspace(0, at_most, RATES)
    gain = [np.mean([part.refused(rate) for part in left_out.values()]) - rate for rate in rates]
    return float(rates[int(np.argmax(gain))])


def audit(left_out: Mapping[int, LeftOut], types: Sequence[str], rate: float) -> pd.DataFrame:
    """Which types the reference would swallow if they were absent from it.

    Parameters
    ----------
    left_out
        Scores with each type left out.
    types
        Names by type number.
    rate
        Share of known cells refused, 0 to 1.

    Returns
    -------
    A row per type, the most endangered first: ``cell_type``, ``cells``, ``refused`` (share), ``auroc`` (of unknown
    against known cells), ``swallowed_by`` (the type that takes most of the cells not refused; empty if none is left)
    and ``swallowed`` (share of all the cells that this type takes).
    """
    rows = []
    for kind, part in left_out.items():
        kept = part.called[part.unknown <= threshold(part.known, rate)]
        taken = np.bincount(kept, minlength=len(types))
        winner = int(taken.argmax())
        rows.append(
            {
                "cell_type": types[kind],
                "cells": len(part.unknown),
                "refused": part.refused(rate),
                "auroc": _auroc(part.known, part.unknown),
                "swallowed_by": types[winner] if len(kept) else "",
                "swallowed": taken[winner] / len(part.unknown),
            }
        )
    columns = pd.Index(["cell_type", "cells", "refused", "auroc", "swallowed_by", "swallowed"])
    return pd.DataFrame(rows, columns=columns).sort_values("refused", kind="stable", ignore_index=True)


def _auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    truth = np.append(np.zeros(len(known)), np.ones(len(unknown)))
    return float(roc_auc_score(truth, np.append(known, unknown)))
