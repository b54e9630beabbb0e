"""Genes that bulk samples show and no type of the reference does: what an unknown type leaves behind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.blocks import column_sums
from core.data.markers import label_codes
from core.data.moments import grouped_moments
from core.data.normalise import library_size, linear, values_of
from core.data.rules.evidence import Evidence

FOUND = "Of the bulk alone"
FLOOR = 0.5
"""Added to both sides of the ratio, per 10,000: relative differences mean little below it."""
LEAST = 1.5
"""Smallest ratio of the bulk to the type that shows the gene most."""


def bulk_alone(evidence: Evidence) -> list[str]:
    """The ``features.bulk_alone`` genes that the bulk exceeds every type of the reference most in.

    Means are per 10,000 over samples, and over the cells of each type, of genes that both have; ties by name.
    """
    assert evidence.bulk is not None
    genes = evidence.shared(evidence.bulk)
    codes, labels = label_codes(evidence.reference)
    values, unit = values_of(evidence.reference), evidence.reference.unit
    library = library_size(values, unit)
    moments = grouped_moments(values, codes, len(labels), lambda part, rows: linear(part, unit, library[rows]))
    highest = moments.mean.max(axis=0)[pd.Index(evidence.reference.genes).get_indexer(genes)]
    samples = values_of(evidence.bulk)
    per_sample = linear(samples, evidence.bulk.unit, library_size(samples, evidence.bulk.unit))
    mean = (column_sums(per_sample)[0] / evidence.bulk.n_cells)[pd.Index(evidence.bulk.genes).get_indexer(genes)]
    ratio = (mean + FLOOR) / (highest + FLOOR)
    order = np.lexsort((genes.to_numpy(str), -ratio))
    return [str(gene) for gene in genes[order[ratio[order] >= LEAST]][: evidence.spec.bulk_alone]]
