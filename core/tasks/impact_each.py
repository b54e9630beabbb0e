"""Pathway impact of every label minus the rest at once: one column a label, and a table of units behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import DataError
from core.interpretation.control import expression_control, ranked
from core.interpretation.findings import cleanliness, strongest_findings
from core.interpretation.impact import by_largest, set_means, strength, weak_units
from core.interpretation.null import Chance, chance
from core.interpretation.saliency import Saliency, sample_of_each
from core.specs import ImpactSpec
from core.tasks.finished import Finished
from core.tasks.impact import DIGITS, Ground, ImpactTables, ground_of, judged, log_expression
from core.tasks.impact_cells import Cells
from core.tasks.impact_saliency import facts_of, gene_factors, measured, names


@dataclass(frozen=True)
class EachLabel:
    """``together``: gene set x label. ``apart``: for each label what its difference from the rest is on every unit."""

    together: ImpactTables
    apart: Mapping[str, ImpactTables]


def impact_of_each(
    own: Finished, sets: Mapping[str, Sequence[str]], spec: ImpactSpec, rng: np.random.Generator
) -> EachLabel:
    """Impact in each label minus that in the rest; of each set on each label the unit where it is largest.

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

    Raises
    ------
    DataError
        If no set has enough genes, or there are fewer than two labels.

    Source: Kinalis et al., Figure 2: signatures by cell type; the rank of a set is that of its largest unit.
    """
    cells = Cells(own)
    known = cells.labelled
    labels = np.asarray(cells.labels, dtype=object).astype(str)
    kinds = [str(name) for name in np.unique(labels[known])]
    if len(kinds) < 2:
        raise DataError("Labels cannot be compared with each other", kinds, "Choose a column with two or more")
    ground = ground_of(own.model, own.aligned, sets, spec)
    control = expression_control(log_expression(cells.aligned(known)), labels[known], ground.sets)
    rows = known[sample_of_each(labels[known], spec.max_cells, rng)]
    parts = {kind: measured(own.model, own.aligned.rows(rows[labels[rows] == kind]), spec) for kind in kinds}
    columns = names(own.model, spec, len(parts[kinds[0]].absolute))
    gap = max(part.gap for part in parts.values())
    facts = facts_of(own.model, spec, len(rows), len(known), gap)
    weights = gene_factors(reduce(add, parts.values()), spec)
    values = {kind: _beyond_rest(parts, kind, spec) * weights for kind in kinds}
    apart = {}
    for kind, own_values in values.items():
        beside = replace(ground, control=control[[kind]], highest=dict.fromkeys(columns, kind))
        sizes = {"first_cells": parts[kind].cells, "second_cells": len(rows) - parts[kind].cells}
        apart[kind] = judged(own_values, columns, beside, spec, facts | sizes, difference=True)
    return EachLabel(_together(values, columns, replace(ground, control=control), spec, facts), apart)


def _beyond_rest(parts: Mapping[str, Saliency], kind: str, spec: ImpactSpec) -> np.ndarray:
    """(n_units, n_genes), saliency in the cells of ``kind`` minus that in all others."""
    others = reduce(add, (part for name, part in parts.items() if name != kind))
    return parts[kind].by(spec.measure) - others.by(spec.measure)


def _together(
    values: Mapping[str, np.ndarray],
    columns: Sequence[str],
    ground: Ground,
    spec: ImpactSpec,
    facts: Mapping[str, object],
) -> ImpactTables:
    """The largest unit of each set and label, tested upward; p is adjusted over all sets, units and labels."""
    assert ground.control is not None
    means = {kind: set_means(each, ground.sets, names=columns) for kind, each in values.items()}
    nulls = {kind: chance(means[kind], each, ground.sets, ground.strata) for kind, each in values.items()}
    stacked = np.stack([means[kind].to_numpy() for kind in means], axis=1)  # (n_sets, n_labels, n_units)
    best = stacked.argmax(axis=2)
    index, kinds = next(iter(means.values())).index, pd.Index(list(means))

    def at_best(tables: Sequence[np.ndarray]) -> pd.DataFrame:
        chosen = np.take_along_axis(np.stack(tables, axis=1), best[:, :, None], axis=2)[:, :, 0]
        return pd.DataFrame(chosen, index=index, columns=kinds)

    p = np.stack([nulls[kind].p.to_numpy() for kind in means])
    adjusted = stats.false_discovery_control(p.ravel()).reshape(p.shape)
    null = Chance(
        expected=at_best([nulls[kind].expected.to_numpy() for kind in means]),
        z=at_best([nulls[kind].z.to_numpy() for kind in means]),
        p=at_best(list(p)),
        p_adjusted=at_best(list(adjusted)),
    )
    highest = at_best([means[kind].to_numpy() for kind in means])
    shown = by_largest(highest)
    units = pd.DataFrame(np.asarray(columns, dtype=object)[best], index=index, columns=kinds)
    findings = strongest_findings(
        shown, null, control=ground.control.loc[:, kinds], highest_label={str(kind): str(kind) for kind in kinds}
    )
    findings["unit"] = [units.at[row["gene_set"], row["label"]] for row in findings.to_dict("records")]
    tables = {
        "impact": shown,
        "impact_expected": by_largest(null.expected, highest),
        "impact_z": null.z,
        "impact_p": null.p_adjusted,
        "impact_control": ground.control,
        "impact_units": units,
        "impact_ranks": ranked(shown),
    }
    written = {name: table.reset_index(names="gene_set") for name, table in tables.items()}
    said = {
        **asdict(cleanliness(highest, null)),
        "sets": len(ground.sets.names),
        "sets_left_out": len(ground.sets.dropped),
        "strength": {str(kind): round(float(share), DIGITS) for kind, share in strength(highest).items()},
        "weak_units": weak_units(highest, spec.weak_below),
    }
    return ImpactTables(written | {"impact_findings": findings}, said | dict(facts))
