"""Pathway impact of a trained network, with its null and its no-network control, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.align import Aligned
from core.data.blocks import column_sums
from core.data.normalise import Matrix, normalised
from core.interpretation.control import expression_control
from core.interpretation.findings import cleanliness, strongest_findings
from core.interpretation.impact import by_largest, min_max, pathway_impact, set_means, strength, weak_units
from core.interpretation.membership import Membership, membership
from core.interpretation.null import Chance, chance, expression_strata
from core.interpretation.saliency import sample_of_each
from core.interpretation.unit import highest_labels
from core.interpretation.untrained import untrained
from core.model import TrainedModel
from core.specs import ImpactSpec
from core.tasks.finished import Finished
from core.tasks.impact_cells import Cells
from core.tasks.impact_saliency import facts_of, gene_factors, measured, names

DIGITS = 4
UNTRAINED_CELLS = 1000
"""Cells, about, on which untrained networks are asked."""


@dataclass(frozen=True)
class ImpactTables:
    """``tables``: by file name, rows are gene sets unless said otherwise. ``facts``: numbers for the summary.

    impact: gene set x unit, one min-max over the whole table; of signed saliency and of differences divided by the
    largest absolute value. impact_expected: the same scale, mean over shuffled genes. impact_p: adjusted p.
    impact_control: gene set x label, mean difference of log expression (only with labels). impact_findings: one row
    for each impact beyond chance. Columns are units of the code, or the types that a head speaks of.
    """

    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """What impact is judged against.

    ``strata``: (n_genes,), groups of genes of like expression. ``control``: gene set x label, without a network.
    ``highest``: of each unit the label that ``control`` is asked about.
    """

    sets: Membership
    strata: np.ndarray
    control: pd.DataFrame | None = None
    highest: Mapping[str, str] | None = None


def impact_tables(
    model: TrainedModel,
    aligned: Aligned,
    gene_sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    labels: np.ndarray | None,
    code: np.ndarray,
    rng: np.random.Generator,
) -> ImpactTables:
    """Impact of ``gene_sets`` on the code units of the model's first network, or on the outputs of a head.

    Parameters
    ----------
    aligned
        (n_cells, n_genes), the model's genes.
    labels
        (n_cells,) names of cell types, or None.
    code
        (n_cells, n_units).

    Raises
    ------
    SpecError
        If the network sees principal components, which no gene set speaks of.
    DataError
        If no set has enough genes in the data.
    """
    return impact_on_all(Cells(Finished(model, aligned, labels)), gene_sets, spec, code, rng)


def impact_on_all(
    cells: Cells,
    gene_sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    code: np.ndarray,
    rng: np.random.Generator,
) -> ImpactTables:
    """As `impact_tables`, of cells that fall into groups; ``code``: (n_cells, n_units) of them all."""
    own, every, known = cells.own, cells.whole, cells.labelled
    ground = ground_of(own.model, own.aligned, gene_sets, spec)
    strata = own.labels[every] if own.labels is not None else np.zeros(len(every), dtype=str)
    rows = every[sample_of_each(strata, spec.max_cells, rng)]
    found = measured(own.model, cells.aligned(rows), spec)
    columns = names(own.model, spec, len(found.absolute))
    if own.labels is not None and len(np.unique(own.labels[known])) > 1:
        labels = own.labels[known]
        control = expression_control(log_expression(cells.aligned(known)), labels, ground.sets)
        own_types = {name: name for name in columns if name in control}
        highest = highest_labels(code[known], labels) if spec.target == "code" else own_types
        ground = Ground(ground.sets, ground.strata, control, highest)
    facts = facts_of(own.model, spec, len(rows), len(every), found.gap)
    facts |= {"untrained": _untrained(cells, rows, ground, spec)}
    return judged(found.by(spec.measure) * gene_factors(found, spec), columns, ground, spec, facts)


def _untrained(cells: Cells, rows: np.ndarray, ground: Ground, spec: ImpactSpec) -> dict[str, Any]:
    """How clean the units are of the same networks with new random weights, on some of the same cells."""
    model = cells.own.model
    blank = replace(model, networks=tuple(untrained(each, model.spec.seed) for each in model.networks))
    some = rows[:: max(1, len(rows) // UNTRAINED_CELLS)]
    found = measured(blank, cells.aligned(some), spec)
    both_sides = spec.measure == "signed"
    means, null = _against_chance(found.by(spec.measure) * gene_factors(found, spec), None, ground, both_sides)
    return asdict(cleanliness(means, null, two_sided=both_sides))


def _against_chance(
    values: np.ndarray, columns: Sequence[str] | None, ground: Ground, both_sides: bool
) -> tuple[pd.DataFrame, Chance]:
    """Set means of saliency ``values`` (n_units, n_genes), and what shuffled genes give."""
    means = set_means(values, ground.sets, names=columns)
    return means, chance(means, values, ground.sets, ground.strata, two_sided=both_sides)


def ground_of(
    model: TrainedModel, aligned: Aligned, gene_sets: Mapping[str, Sequence[str]], spec: ImpactSpec
) -> Ground:
    """The gene sets in the data and the strata of expression over all cells, without a control.

    Raises
    ------
    DataError
        If no set has enough genes in the data.
    """
    sets = membership(gene_sets, model.genes, spec.min_genes)
    level = column_sums(log_expression(aligned))[0] / aligned.values.shape[0]
    return Ground(sets, expression_strata(level))


def log_expression(aligned: Aligned) -> Matrix:
    """(n_cells, n_genes), log expression."""
    return normalised(aligned.values, aligned.unit, "log1p_cp10k", aligned.library)


def judged(
    values: np.ndarray,
    columns: Sequence[str],
    ground: Ground,
    spec: ImpactSpec,
    facts: Mapping[str, Any],
    *,
    difference: bool = False,
) -> ImpactTables:
    """Impact beside chance and beside the control, as tables.

    Parameters
    ----------
    values
        (n_units, n_genes), mean saliency; of a ``difference`` that of one group of cells minus that of another.
    columns
        Names of the units.
    ground
        What it is judged against.
    spec
        Its measure says whether low values count as well as high ones; its threshold, which units are weak.
    facts
        How it was measured.
    difference
        Whether ``values`` is a difference, tested to both sides.
    """
    both_sides = difference or spec.measure == "signed"
    means, null = _against_chance(values, columns, ground, both_sides)
    shown = by_largest(means) if both_sides else pathway_impact(values, ground.sets, names=columns)
    expected = (by_largest if both_sides else min_max)(null.expected, means)
    control = ground.control
    tables = {"impact": shown, "impact_expected": expected, "impact_z": null.z, "impact_p": null.p_adjusted}
    if control is not None:
        tables["impact_control"] = control
        control = control.abs() if both_sides else control
    highest = None if ground.highest is None else dict(ground.highest)
    findings = strongest_findings(shown, null, control=control, highest_label=highest)
    if both_sides:
        order = np.argsort(-findings["z"].abs().to_numpy(dtype=float), kind="stable")
        findings = findings.iloc[order].reset_index(drop=True)
    written = {name: table.reset_index(names="gene_set") for name, table in tables.items()}
    said = {
        **asdict(cleanliness(means, null, two_sided=both_sides)),
        "sets": len(ground.sets.names),
        "sets_left_out": len(ground.sets.dropped),
        "strength": {str(unit): round(float(share), DIGITS) for unit, share in strength(means).items()},
        "weak_units": weak_units(means, spec.weak_below),
    }
    return ImpactTables(written | {"impact_findings": findings}, said | dict(facts))
