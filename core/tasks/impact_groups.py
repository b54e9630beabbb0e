"""Pathway impact on all cells of a finished run, on one cell type, or on one minus another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.data.blocks import column_sums
from core.data.normalise import Matrix, normalised
from core.errors import DataError
from core.interpretation.control import expression_control, ranked
from core.interpretation.findings import cleanliness, strongest_findings
from core.interpretation.impact import impact_difference, set_means, weak_units
from core.interpretation.membership import membership
from core.interpretation.null import chance, expression_strata
from core.interpretation.saliency import saliency, sample_of_each
from core.specs import ImpactSpec
from core.tasks.finished import Finished
from core.tasks.impact import ImpactTables, impact_tables


def impact_of(
    own: Finished,
    sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    rng: np.random.Generator,
    first: str = "",
    second: str = "",
) -> ImpactTables:
    """Impact of ``sets`` on the code units.

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
        Only the cells of this label; empty for all cells.
    second
        With ``first``: the impact on ``first`` minus that on this label, -1 to 1, tested to both sides.

    Raises
    ------
    DataError
        If no set has enough genes, or a label has no cells.
    """
    if second:
        return _difference(own, sets, spec, rng, first, second)
    code = own.code()
    if not first:
        return impact_tables(own.model, own.aligned, sets, spec, own.labels, code, rng)
    rows = _rows(own, first)
    found = impact_tables(own.model, own.aligned.rows(rows), sets, spec, None, code[rows], rng)
    control = _control(own, sets, spec)
    findings = found.tables["impact_findings"].assign(label=first)
    ranks = ranked(control)[first].to_dict()
    findings["control_rank"] = pd.array([ranks[name] for name in findings["gene_set"]], dtype="Int64")
    beside = {"impact_control": control.reset_index(names="gene_set"), "impact_findings": findings}
    return ImpactTables(found.tables | beside, found.facts)


def _difference(
    own: Finished,
    sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    rng: np.random.Generator,
    first: str,
    second: str,
) -> ImpactTables:
    inside = membership(sets, own.model.genes, spec.min_genes)
    groups = [_sampled(_rows(own, label), spec.max_cells, rng) for label in (first, second)]
    found = [
        saliency(own.model.networks[0], own.model.transform.apply(own.aligned.rows(rows)), method=spec.saliency)
        for rows in groups
    ]
    means = [set_means(each.absolute, inside) for each in found]
    raw = means[0] - means[1]
    level = column_sums(_expression(own, slice(None)))[0] / own.aligned.values.shape[0]
    null = chance(raw, found[0].absolute - found[1].absolute, inside, expression_strata(level), two_sided=True)
    control = _control(own, sets, spec, (first, second))
    shown = impact_difference(*means)
    findings = strongest_findings(
        shown, null, control=control.abs(), highest_label=dict.fromkeys(map(str, shown.columns), first)
    )
    order = np.argsort(-findings["z"].abs().to_numpy(dtype=float), kind="stable")
    tables = {
        "impact": shown,
        "impact_expected": null.expected / (float(np.abs(raw.to_numpy()).max()) or 1.0),
        "impact_z": null.z,
        "impact_p": null.p_adjusted,
        "impact_control": control,
    }
    tables = {name: table.reset_index(names="gene_set") for name, table in tables.items()}
    facts = {
        **vars(cleanliness(raw.abs(), null)),
        "sets": len(inside.names),
        "sets_left_out": len(inside.dropped),
        "cells": sum(len(rows) for rows in groups),
        "weak_units": weak_units(raw),
    }
    return ImpactTables(tables | {"impact_findings": findings.iloc[order].reset_index(drop=True)}, facts)


def _control(
    own: Finished, sets: Mapping[str, Sequence[str]], spec: ImpactSpec, pair: tuple[str, str] | None = None
) -> pd.DataFrame:
    """Without a network: each label against the rest, or the first of ``pair`` against the second."""
    labels = _labels(own)
    rows = np.arange(len(labels)) if pair is None else np.flatnonzero(np.isin(labels, pair))
    table = expression_control(_expression(own, rows), labels[rows], membership(sets, own.model.genes, spec.min_genes))
    return table if pair is None else table.loc[:, [pair[0]]]


def _expression(own: Finished, rows: np.ndarray | slice) -> Matrix:
    """(n_cells, n_genes), log expression."""
    cells = own.aligned.rows(rows)
    return normalised(cells.values, cells.unit, "log1p_cp10k", cells.library)


def _sampled(rows: np.ndarray, most: int | None, rng: np.random.Generator) -> np.ndarray:
    return rows[sample_of_each(np.zeros(len(rows)), most, rng)]


def _rows(own: Finished, label: str) -> np.ndarray:
    rows = np.flatnonzero(_labels(own) == label)
    if not len(rows):
        raise DataError("No cell of the reference has this label", label, "Choose one of its cell types")
    return rows


def _labels(own: Finished) -> np.ndarray:
    if own.labels is None:
        raise DataError("The cells of this run have no labels", None, "Choose the label column on the Data page")
    return own.labels
