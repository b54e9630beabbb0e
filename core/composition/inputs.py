"""Samples, simulated or measured, as the networks and the linear member take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.data.align import Aligned
from core.data.normalise import linear

if TYPE_CHECKING:
    from scipy import sparse

    from core.data.dataset import Unit
    from core.data.transform import FittedTransform


def network_input(
    samples: np.ndarray,
    unit: Unit,
    genes: Sequence[str],
    transform: FittedTransform,
    missing: Sequence[str] = (),
    *,
    cohort: bool = False,
) -> np.ndarray:
    """Network input of samples, simulated or measured, each scaled over the selected genes it has.

    Parameters
    ----------
    samples
        (n, n_genes), in ``unit``.
    missing
        Genes that were not measured: they take the training mean.
    cohort
        Scale by the samples' own statistics, as published, in place of the learned ones.

    Returns
    -------
    (n, n_inputs), float32.
    """
    aligned = on_selected_genes(samples, unit, genes, missing)
    return np.asarray(transform.apply(aligned, "own" if cohort else "learned"), dtype=np.float32)


def bulk_values(aligned: Aligned) -> np.ndarray:
    """Bulk samples on a linear scale for the signature: (n, n_genes), float64, NaN where a gene was not measured.

    Parameters
    ----------
    aligned
        The samples on the model's genes, from ``core.data.align``.
    """
    own = replace(aligned, library=_library(_dense(aligned.values)))
    return as_measured(_dense(linear(own.values, own.unit, own.library)), own.present)


def bulk_input(aligned: Aligned, transform: FittedTransform, *, cohort: bool = False) -> np.ndarray:
    """Network input of bulk samples on the model's genes: (n, n_inputs), float32."""
    return network_input(_dense(aligned.values), aligned.unit, aligned.genes, transform, aligned.missing, cohort=cohort)


def on_selected_genes(samples: np.ndarray, unit: Unit, genes: Sequence[str], missing: Sequence[str] = ()) -> Aligned:
    """Samples whose library is that of the selected genes.

    Bulk and mixtures then agree, whatever else either of them measured.
    """
    return Aligned(samples, _library(samples), unit, tuple(genes), tuple(missing))


def as_measured(samples: np.ndarray, present: np.ndarray) -> np.ndarray:
    """``samples`` (n, n_genes) as float64 with NaN where ``present`` (n_genes,) is False."""
    return np.where(present, np.asarray(samples, dtype=float), np.nan)


def _library(samples: np.ndarray) -> np.ndarray:
    return samples.sum(axis=1, dtype=np.float64)


def _dense(values: sparse.csr_matrix | np.ndarray) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.toarray()
