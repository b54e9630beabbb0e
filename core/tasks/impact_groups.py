"""Pathway impact on all cells of a finished run, on one group of them, or on one minus another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.interpretation.control import expression_control
from core.interpretation.saliency import sample_of_each
from core.specs import ImpactSpec
from core.tasks.finished import Finished
from core.tasks.impact import Ground, ImpactTables, ground_of, impact_on_all, judged, log_expression
from core.tasks.impact_cells import Cells
from core.tasks.impact_names import title
from core.tasks.impact_saliency import facts_of, gene_factors, measured, names


def impact_of(
    own: Finished,
    sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    rng: np.random.Generator,
    first: str = "",
    second: str = "",
    selections: Mapping[str, np.ndarray] | None = None,
) -> ImpactTables:
    """Impact of ``sets`` on the code units, or on the outputs of a head.

    Parameters
    ----------
    own
        The run.
    sets
        Name to genes.
    spec
        How it is measured.
    rng
        Draws the cells where there are more than wanted.
    first
        Only the cells of this label or selection; empty for all cells.
    second
        With ``first``: the impact on ``first`` minus that on this label, selection or the rest, -1 to 1, tested to
        both sides.
    selections
        Name -> (n_cells,), bool.

    Raises
    ------
    DataError
        If no set has enough genes, or a label has no cells.
    """
    cells = Cells(own, selections or {})
    if second:
        return _difference(cells, sets, spec, rng, first, second)
    if not first:
        return impact_on_all(cells, sets, spec, own.code(), rng)
    return _one(cells, sets, spec, rng, first)


def group_control(cells: Cells, ground: Ground, first: np.ndarray, second: np.ndarray, name: str) -> pd.DataFrame:
    """Without a network: the cells in rows ``first`` against those in rows ``second``, one column called ``name``."""
    rows = np.concatenate([first, second])
    inside = np.repeat(["in", "out"], [len(first), len(second)])
    table = expression_control(log_expression(cells.own.aligned.rows(rows)), inside, ground.sets)
    return table.loc[:, ["in"]].set_axis([name], axis=1)


def _one(
    cells: Cells, sets: Mapping[str, Sequence[str]], spec: ImpactSpec, rng: np.random.Generator, first: str
) -> ImpactTables:
    own, inside = cells.own, cells.rows(first)
    rows = inside[sample_of_each(np.zeros(len(inside)), spec.max_cells, rng)]
    ground = ground_of(own.model, own.aligned, sets, spec)
    found = measured(own.model, own.aligned.rows(rows), spec)
    columns, name = names(own.model, spec, len(found.absolute)), title(first)
    facts = facts_of(own.model, spec, len(rows), len(inside), found.gap)
    ground = replace(ground, control=_beside(cells, ground, first, inside), highest=dict.fromkeys(columns, name))
    return judged(found.by(spec.measure) * gene_factors(found, spec), columns, ground, spec, facts)


def _beside(cells: Cells, ground: Ground, first: str, inside: np.ndarray) -> pd.DataFrame | None:
    """Without a network: every label against the rest, or a selection against it; ``None`` where nothing is left."""
    known = cells.labelled
    rest = np.setdiff1d(known, inside)
    if not len(rest):
        return None
    if cells.is_label(first):
        return expression_control(log_expression(cells.aligned(known)), cells.labels[known], ground.sets)
    return group_control(cells, ground, inside, rest, title(first))


def _difference(
    cells: Cells,
    sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    rng: np.random.Generator,
    first: str,
    second: str,
) -> ImpactTables:
    own, every = cells.own, cells.pair(first, second, None, rng)
    rows = cells.pair(first, second, spec.max_cells, rng)
    ground = ground_of(own.model, own.aligned, sets, spec)
    found = [measured(own.model, own.aligned.rows(each), spec) for each in rows]
    columns = names(own.model, spec, len(found[0].absolute))
    control = group_control(cells, ground, *every, name=title(first))
    ground = replace(ground, control=control, highest=dict.fromkeys(columns, title(first)))
    facts = facts_of(own.model, spec, sum(map(len, rows)), sum(map(len, every)), max(part.gap for part in found))
    facts |= {"first_cells": len(rows[0]), "second_cells": len(rows[1])}
    values = found[0].by(spec.measure) - found[1].by(spec.measure)
    weights = gene_factors(found[0] + found[1], spec)
    return judged(values * weights, columns, ground, spec, facts, difference=True)
