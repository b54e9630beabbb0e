"""The saliency that a run's impact is made of, as its settings ask for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.align import Aligned
from core.data.normalise import Matrix, normalised
from core.errors import SpecError
from core.interpretation.association import association
from core.interpretation.saliency import Saliency, saliency
from core.model import TrainedModel
from core.networks.network import Network
from core.specs import ImpactSpec
from core.training.predict import outputs

OUTPUTS = {"code": "code", "classes": "class_logits", "proportions": "proportions"}
"""Name of what a network gives for each target."""


def measured(model: TrainedModel, aligned: Aligned, spec: ImpactSpec) -> Saliency:
    """Saliency averaged over some cells or samples.

    Units of a code belong to one network: of an ensemble it is the first. Outputs of heads are averaged over the
    networks, as the answers are.

    Parameters
    ----------
    model
        Its network sees genes.
    aligned
        (n, n_genes), the model's genes.
    spec
        Which saliency of what.

    Raises
    ------
    SpecError
        If the network sees principal components, which no gene set speaks of, or lacks the head.
    """
    if model.transform.loadings is not None:
        raise SpecError(
            "Pathway impact needs a network that sees genes",
            f"{model.transform.n_inputs} principal components",
            "Train with data.transform.components empty",
        )
    values, start = model.transform.apply(aligned), None if spec.baseline == "zero" else average_input(model)
    networks = model.networks[:1] if spec.target == "code" else model.networks
    if spec.saliency == "correlation":
        expression = normalised(aligned.values, aligned.unit, "log1p_cp10k", aligned.library)
        return association(expression, np.mean([_outputs(each, values, spec.target) for each in networks], axis=0))
    parts = [
        saliency(
            network,
            values,
            method=spec.saliency,
            target=spec.target,
            baseline=start,
            steps=spec.integration_steps,
        )
        for network in networks
    ]
    return Saliency(
        absolute=np.mean([part.absolute for part in parts], axis=0),
        signed=np.mean([part.signed for part in parts], axis=0),
        cells=parts[0].cells,
        gap=max(part.gap for part in parts),
    )


def _outputs(network: Network, values: Matrix, target: str) -> np.ndarray:
    """(n, n_units), the code, or what the head called ``target`` says.

    Raises
    ------
    SpecError
        If the network lacks the head.
    """
    name = OUTPUTS[target]
    found = outputs(network, values, names={name})
    if name not in found:
        raise SpecError("This network has no such head", target, f"Train one with objective.{target}")
    return found[name]


def gene_factors(found: Saliency, spec: ImpactSpec) -> np.ndarray:
    """(n_genes,), what the saliency of each gene is multiplied by.

    Parameters
    ----------
    found
        Saliency of all the cells that are compared, so that groups of them are weighted alike.
    spec
        Its gene weights: ones, or one over the gene's mean absolute saliency over the units; 0 for a gene without any.
    """
    mean = found.absolute.mean(axis=0)
    if spec.gene_weights == "none":
        return np.ones_like(mean)
    return np.divide(1, mean, out=np.zeros_like(mean), where=mean > 0)


def names(model: TrainedModel, spec: ImpactSpec, count: int) -> list[str]:
    """What the ``count`` outputs are called: ``unit_1`` onwards, or the model's types."""
    if spec.target != "code" and len(model.classes) == count:
        return [str(name) for name in model.classes]
    return [f"unit_{number + 1}" for number in range(count)]


def average_input(model: TrainedModel) -> np.ndarray:
    """(n_genes,), the input of the average training cell."""
    return np.asarray(model.transform.scale(model.transform.means[None]), dtype=np.float32)[0]


def facts_of(model: TrainedModel, spec: ImpactSpec, cells: int, of_cells: int, gap: float) -> dict[str, Any]:
    """How it was measured, for the sentence under the figure."""
    facts: dict[str, Any] = {"cells": cells, "of_cells": of_cells, "first": "", "second": ""}
    facts |= {
        "saliency": spec.saliency,
        "target": spec.target,
        "measure": spec.measure,
        "gene_weights": spec.gene_weights,
    }
    facts["networks"] = 1 if spec.target == "code" else len(model.networks)
    if spec.saliency == "integrated":
        facts |= {"baseline": spec.baseline, "steps": spec.integration_steps, "gap": round(gap, 4)}
    return facts
