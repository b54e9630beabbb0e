"""The annotators that a run is compared with: what each sees, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OURS, FLOOR = "celldesk", "majority"
"""The run itself; what any annotator must beat."""
Part = Literal["query", "held_out"]
PARTS: tuple[Part, ...] = ("query", "held_out")
"""Query cells with labels of their own, and reference cells that were held out, fold by fold."""


@dataclass(frozen=True)
class Method:
    """One annotator.

    Attributes
    ----------
    name
        In tables and files.
    title
        On screen.
    sees
        Genes, normalisation and settings, as its authors recommend them where it has authors.
    program
        Program in an environment of its own that provides it; empty where CellDesk's own libraries do.
    """

    name: str
    title: str
    sees: str
    program: str = ""


METHODS: tuple[Method, ...] = (
    Method(OURS, "CellDesk", "As the run was set: its genes, its transform, its networks, calibrated."),
    Method(
        "logistic_regression",
        "Logistic regression",
        "The run's genes, ln(CP10k + 1), z-scored by the training cells, at most 10; scikit-learn's settings, C = 1.",
    ),
    Method(
        "knn",
        "kNN on PCA",
        "The same values, 50 principal components of the training cells; the 15 nearest of them vote.",
    ),
    Method(FLOOR, "Majority class", "No gene: every cell gets the most frequent type of the training cells."),
    Method(
        "celltypist",
        "CellTypist",
        "All genes that both files have, ln(CP10k + 1) over each file, its own scaling and training settings.",
        program="celltypist",
    ),
    Method(
        "celltypist_voting",
        "CellTypist, majority voting",
        "The same calls, then one call for each of the clusters that it makes of the cells to label.",
        program="celltypist",
    ),
)
BY_NAME = {method.name: method for method in METHODS}
OWN: tuple[str, ...] = tuple(method.name for method in METHODS if method.name != OURS and not method.program)
"""Methods that CellDesk's own libraries provide; always compared."""


def provided(program: str) -> tuple[str, ...]:
    """Names of the methods that ``program`` provides."""
    return tuple(method.name for method in METHODS if method.program == program)
