"""What moving each code unit of a finished run does to every gene: by its decoder, else by saliency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import DataError, SpecError
from core.results import Results
from core.runs.run import Run
from core.specs import UnitSpec

if TYPE_CHECKING:
    from core.model import TrainedModel
    from core.networks.network import Network
    from core.tasks.finished import Finished

MOST_CELLS = 2000
"""Cells that the saliency is averaged over where there is no decoder."""


def changes(model: TrainedModel, run: Run, spec: UnitSpec) -> tuple[np.ndarray, dict[str, Any]]:
    """Change of every gene when a unit of the run's first network is moved.

    Parameters
    ----------
    model
        The run's model.
    run
        A finished run of represent or annotate.
    spec
        How far, in which direction and from which cells units are moved.

    Returns
    -------
    (n_units, n_genes) and facts. With a decoder (``by``: decoder): change of the reproduced profile, in the normalised
    unit before scaling. Without (``by``: saliency): the mean derivative of the unit by each gene, with its sign turned
    where units are moved down. ``cells``: how many were averaged over.

    Raises
    ------
    SpecError
        If neither a decoder nor single genes lead to a gene list.
    DataError
        If there are no cells of the baseline, or the reference has changed.
    """
    if model.networks[0].decoder is None:
        from core.tasks.finished import finished

        _require_genes(model, run)
        found, cells = _by_saliency(finished(run), model.networks[0], run, spec)
        return found, {"by": "saliency", "cells": cells}
    results = Results(run)
    column = results.label_column
    labels = results.obs[column].astype(str).to_numpy() if column else None
    code = results.code.to_numpy(dtype=np.float64)
    rows = cells_of(spec.baseline, labels, len(code))
    return _by_decoder(model, model.networks[0], code, rows, spec), {"by": "decoder", "cells": len(rows)}


def network_changes(own: Finished, member: int, run: Run, spec: UnitSpec) -> np.ndarray:
    """(n_units, n_genes), the same for any network of the run, with codes of the cells that it was trained on.

    Raises
    ------
    SpecError, DataError
        As `changes`.
    """
    from core.training.predict import outputs

    model, network = own.model, own.model.networks[member]
    if network.decoder is None:
        _require_genes(model, run)
        return _by_saliency(own, network, run, spec)[0]
    code = outputs(network, model.transform.apply(own.aligned), names={"code"})["code"]
    return _by_decoder(model, network, code, cells_of(spec.baseline, own.labels, len(code)), spec)


def cells_of(label: str | None, labels: np.ndarray | None, cells: int) -> np.ndarray:
    """Rows of the cells whose mean code is moved; all of them where no label is asked for.

    Raises
    ------
    DataError
        If no cell has the label.
    """
    if not label:
        return np.arange(cells)
    rows = np.flatnonzero(labels == label) if labels is not None else np.arange(0)
    if not len(rows):
        known = sorted(set(map(str, labels))) if labels is not None else []
        remedy = (
            f"Use one of: {', '.join(known)}" if known else "Leave analysis.units.baseline empty: there are no labels"
        )
        raise DataError("No cell has the label whose mean code is to be moved", label, remedy)
    return rows


def _by_decoder(
    model: TrainedModel, network: Network, code: np.ndarray, rows: np.ndarray, spec: UnitSpec
) -> np.ndarray:
    from core.interpretation.perturbation import perturbation

    amount = spec.amount if spec.direction == "up" else -spec.amount
    moved = perturbation(network, code, amount, np.asarray(code, dtype=np.float64)[rows].mean(axis=0))
    # undoing the scaling is affine: its constant part falls out of the difference
    return model.transform.restore(moved) - model.transform.restore(np.zeros_like(moved[:1]))


def _by_saliency(own: Finished, network: Network, run: Run, spec: UnitSpec) -> tuple[np.ndarray, int]:
    from core.interpretation.saliency import saliency, sample_of_each
    from core.tasks.prepare import IMPACT, rng

    cells = own.aligned.library.size
    rows = cells_of(spec.baseline, own.labels, cells)
    labels = own.labels if own.labels is not None else np.zeros(cells, dtype=str)
    rows = rows[sample_of_each(labels[rows], MOST_CELLS, rng(run.spec, IMPACT))]
    signed = saliency(network, own.model.transform.apply(own.aligned.rows(rows)), method="gradient").signed
    return signed if spec.direction == "up" else -signed, len(rows)


def _require_genes(model: TrainedModel, run: Run) -> None:
    if model.transform.loadings is not None:
        raise SpecError(
            "This network sees principal components and rebuilds no genes, so its units lead to no gene list",
            run.name,
            "Train one with objective.reconstruction, or one that sees genes",
        )
