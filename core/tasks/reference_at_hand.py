"""Whether the labels of a run can be judged by its reference, or by what its model file holds of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.specs import RunSpec

CELLS_NEEDED = ("genes", "both")
"""Parts of the evidence that need cells of the reference; the others do with averages."""
AGAIN = "Train again with this version."


def at_hand(spec: RunSpec) -> bool:
    """Whether the files of the reference that the model learned from are there.

    Cells that crossed a bridge have no labelled file: their peaks were given the types of their RNA.
    """
    if spec.data.reference is None or spec.data.bridge is not None:
        return False
    return all(Path(source.path).exists() for source in (spec.data.reference, *spec.data.more_references))


def refusal(spec: RunSpec, kept: Mapping[str, Any] | None = None, part: str = "") -> str:
    """Why a run of ``spec`` has no evidence, or not ``part`` of it; empty where it has.

    Parameters
    ----------
    spec
        The run's settings.
    kept
        ``kept_reference`` of its summary: what the model file holds; ``None`` for older files.
    part
        A part of the evidence.
    """
    if spec.task != "annotate":
        return "It gave no labels to a query."
    if at_hand(spec):
        return ""
    if kept is not None:
        return "" if kept["cells"] or part not in CELLS_NEEDED else f"{_cells_of(spec)} {_left_out(kept)}"
    if spec.data.bridge is not None:
        return f"Its model file holds no cells of the bridge: an older version made it. {AGAIN}"
    if spec.data.reference is None:
        return (
            "It used a trained model, and the model file holds no reference cells to compare with: an older version "
            f"made it. {AGAIN}"
        )
    return ""  # reading the file that is gone says what to do


def _cells_of(spec: RunSpec) -> str:
    if spec.data.bridge is not None:
        return "The cells of its bridge have no labels of their own."
    return "Its reference is not at hand."


def _left_out(kept: Mapping[str, Any]) -> str:
    return (
        f"The model file holds averages of its {kept['of']:,} reference cells and none of the cells: "
        "analysis.keep_cells was off. Train again with it on, or bring the reference back."
    )
