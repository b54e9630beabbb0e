"""Evidence from the networks: which genes raise each type's logit, beside networks that learned nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.annotation.marker_panels import set_size
from core.interpretation.integrated import (
    Attributions,
    against_rest,
    integrated_gradients,
    linear_attributions,
    shared_out,
)
from core.interpretation.untrained import untrained
from core.interpretation.why import marker_recall
from core.networks.network import Network
from core.specs import EvidenceSpec
from core.tasks.evidence_sets import Sets, projection_of
from core.tasks.prepare import IMPACT, rng
from core.tasks.type_averages import scaled_genes

KEPT = 200
"""Genes kept of each type, by the size of their attribution."""


def genes_evidence(sets: Sets, spec: EvidenceSpec) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables attributions and marker_recall, and facts: cells, networks, and how far sums were off."""
    known = sets.known
    types = sets.model.classes
    start = sets.reference.average()
    draw = rng(sets.model.spec, IMPACT, 1)
    ranked = sets.reference.scores(list(sets.model.genes))
    top = set_size(spec.markers, len(sets.model.genes))
    blank = [untrained(sets.model.networks[0], seed) for seed in range(spec.controls)]
    tables, recalls, gaps = [], [], []
    for number, name in enumerate(types):
        cells = np.flatnonzero(known == name)
        cells = np.sort(draw.choice(cells, spec.cells, replace=False)) if len(cells) > spec.cells else cells
        if not len(cells):
            continue
        values = scaled_genes(sets.model.transform, sets.reference.aligned(cells))
        contrast = against_rest(len(types))[[number]]
        found = [_of(network, values, start, contrast, spec, sets) for network in sets.model.networks]
        control = [_of(network, values, start, contrast, spec, sets) for network in blank]
        gaps += [_gap(part) for part in found]
        markers = ranked.top(name, top) if name in ranked.labels else []
        table = _table(name, sets, found, control, values, start, contrast, markers)
        recalls.append(_recall(name, table, control, markers, top, sets.model.genes))
        tables.append(table.head(KEPT).assign(cells=len(cells)))
    facts = {
        "top": top,
        "genes": len(sets.model.genes),
        "networks": len(sets.model.networks),
        "controls": spec.controls,
        "largest_gap": max(gaps, default=0.0),
    }
    return {"attributions": pd.concat(tables, ignore_index=True), "marker_recall": pd.DataFrame(recalls)}, facts


def _of(
    network: Network, values: np.ndarray, start: np.ndarray, contrast: np.ndarray, spec: EvidenceSpec, sets: Sets
) -> Attributions:
    through = projection_of(sets.model.transform)
    return integrated_gradients(network, values, start, contrast, steps=spec.steps, projection=through)


def _gap(found: Attributions) -> float:
    """Largest share of a difference of logits (of 1 where it is less) by which a sum of attributions is off."""
    return float((np.abs(found.gap) / np.maximum(np.abs(found.difference), 1.0)).max())


def _table(
    name: str,
    sets: Sets,
    found: Sequence[Attributions],
    control: Sequence[Attributions],
    values: np.ndarray,
    start: np.ndarray,
    contrast: np.ndarray,
    markers: Sequence[str],
) -> pd.DataFrame:
    """Every gene of one type, the strongest attribution first, of either sign."""
    each = np.stack([part.values[0].mean(axis=0) for part in found])
    rank = {gene: number for number, gene in enumerate(markers, start=1)}
    table = pd.DataFrame(
        {
            "cell_type": name,
            "gene": sets.model.genes,
            "attribution": each.mean(axis=0),
            "spread": each.std(axis=0, ddof=1) if len(each) > 1 else np.nan,
            "untrained": np.stack([part.values[0].mean(axis=0) for part in control]).mean(axis=0),
            "marker_rank": [rank.get(gene, np.nan) for gene in sets.model.genes],
        }
    )
    through, beside = projection_of(sets.model.transform), {}
    if sets.members.linear is not None:
        weight = sets.members.linear.weight
        beside["linear"] = linear_attributions(weight, values, start, contrast, projection=through)
    if sets.members.boosted is not None:
        give = sets.members.boosted.attributions
        beside["boosted"] = shared_out(give, values, start, contrast, projection=through)
    for number, (column, part) in enumerate(beside.items(), start=4):
        table.insert(number, column, part.values[0].mean(axis=0))
    order = np.argsort(-table["attribution"].abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _recall(
    name: str,
    table: pd.DataFrame,
    control: Sequence[Attributions],
    markers: Sequence[str],
    top: int,
    genes: Sequence[str],
) -> dict[str, Any]:
    """Markers among the genes that raise the type's logit most: in the networks, untrained, and by chance."""
    ranked = table.sort_values("attribution", ascending=False, kind="stable")["gene"]
    names = np.asarray(genes, dtype=object)
    blank = [
        marker_recall(list(names[np.argsort(-part.values[0].mean(axis=0), kind="stable")]), markers, top, len(genes))
        for part in control
    ]
    return {
        "cell_type": name,
        "top": top,
        **marker_recall(list(ranked), markers, top, len(genes)),
        "untrained_recall": float(np.mean([part["recall"] for part in blank])),
    }
