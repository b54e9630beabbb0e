"""What to cite for a run, and its numbers in a text."""

from __future__ import annotations

from core.specs import RunSpec

UMAP = "McInnes L, Healy J, Melville J. UMAP: uniform manifold approximation and projection. arXiv:1802.03426, 2018."
PYTORCH = "Paszke A et al. PyTorch: an imperative style, high-performance deep learning library. NeurIPS 32, 2019."
SCANPY = (
    "Wolf FA, Angerer P, Theis FJ. SCANPY: large-scale single-cell gene expression analysis. Genome Biol 19:15, 2018."
)
CONFORMAL = "Vovk V, Gammerman A, Shafer G. Algorithmic Learning in a Random World. Springer, 2005."
TEMPERATURE = "Guo C, Pleiss G, Sun Y, Weinberger KQ. On calibration of modern neural networks. ICML, 2017."
ADAM = "Kingma DP, Ba J. Adam: a method for stochastic optimization. ICLR, 2015."


def citations(spec: RunSpec, citation: str = "") -> list[str]:
    """What to cite, the recipe's paper first.

    Parameters
    ----------
    spec
        The run.
    citation
        Paper of the recipe; empty without.
    """
    listed = [citation] if citation else []
    if spec.task in ("represent", "annotate"):
        listed.append(UMAP)
    if spec.task == "annotate":
        listed += [TEMPERATURE, CONFORMAL]
    if spec.task == "deconvolve":
        listed.append(CONFORMAL)
    if spec.training.optimiser.startswith("adam"):
        listed.append(ADAM)
    return [*listed, SCANPY, PYTORCH]


def mark(listed: list[str], citation: str) -> str:
    """The number of ``citation`` in brackets, after a space; empty where it is not ``listed``."""
    return f" [{listed.index(citation) + 1}]" if citation and citation in listed else ""
