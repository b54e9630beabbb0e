"""Pathway impact of a trained network, with its null and its no-network control, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.align import Aligned
from core.data.blocks import column_sums
from core.data.normalise import normalised
from core.errors import SpecError
from core.interpretation.control import expression_control
from core.interpretation.findings import cleanliness, strongest_findings
from core.interpretation.impact import pathway_impact, set_means, weak_units
from core.interpretation.membership import membership
from core.interpretation.null import chance, expression_strata
from core.interpretation.saliency import saliency, sample_of_each
from core.model import TrainedModel
from core.specs import ImpactSpec


@dataclass(frozen=True)
class ImpactTables:
    """``tables``: by file name, rows are gene sets unless said otherwise. ``facts``: numbers for the summary.

    impact: gene set x unit, one min-max over the whole table. impact_expected: the same scale, mean over shuffled
    genes. impact_p: adjusted p. impact_control: gene set x label, mean difference of log expression (only with
    labels). impact_findings: one row for each impact beyond chance.
    """

    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]


def impact_tables(
    model: TrainedModel,
    aligned: Aligned,
    gene_sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    labels: np.ndarray | None,
    code: np.ndarray,
    rng: np.random.Generator,
) -> ImpactTables:
    """Impact of ``gene_sets`` on the code units of the model's first network.

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
    if model.transform.loadings is not None:
        raise SpecError(
            "Pathway impact needs a network that sees genes",
            f"{model.transform.n_inputs} principal components",
            "Train with data.transform.components empty",
        )
    sets = membership(gene_sets, model.genes, spec.min_genes)
    strata_labels = labels if labels is not None else np.zeros(len(code), dtype=str)
    rows = sample_of_each(strata_labels, spec.max_cells, rng)
    found = saliency(model.networks[0], model.transform.apply(aligned.rows(rows)), method=spec.saliency).absolute
    means, impact = set_means(found, sets), pathway_impact(found, sets)
    expression = normalised(aligned.values, aligned.unit, "log1p_cp10k", aligned.library)
    level = column_sums(expression)[0] / len(code)
    null = chance(means, found, sets, expression_strata(level))
    scale = means.to_numpy().min(), np.ptp(means.to_numpy()) or 1.0
    control = highest = None
    if labels is not None and len(np.unique(labels)) > 1:
        control = expression_control(expression, labels, sets)
        by_label = pd.DataFrame(code, columns=impact.columns).groupby(labels).mean()
        names = by_label.index.to_numpy()[by_label.to_numpy().argmax(axis=0)]
        highest = {str(unit): str(label) for unit, label in zip(impact.columns, names, strict=True)}
    tables = {
        "impact": impact,
        "impact_expected": (null.expected - scale[0]) / scale[1],
        "impact_z": null.z,
        "impact_p": null.p_adjusted,
    }
    if control is not None:
        tables["impact_control"] = control
    tables = {name: table.reset_index(names="gene_set") for name, table in tables.items()}
    tables["impact_findings"] = strongest_findings(impact, null, control=control, highest_label=highest)
    facts = {
        **asdict(cleanliness(means, null)),
        "sets": len(sets.names),
        "sets_left_out": len(sets.dropped),
        "cells": len(rows),
        "weak_units": weak_units(means),
    }
    return ImpactTables(tables, facts)
