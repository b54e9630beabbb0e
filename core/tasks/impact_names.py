"""How groups of cells are named where impact is asked about them."""

from __future__ import annotations

REST = "rest"
"""In place of a label: all cells that are not in the first group. A label of that very name comes first."""
SELECTION = "selection:"
"""Before the name of a selection of cells that was kept; a label of that very name comes first."""
MIXED = ""
"""Label of a simulated sample of all types: what is asked about where no group is named, and never part of one."""


def title(group: str) -> str:
    """What a group of cells is called in a sentence."""
    return "the rest" if group == REST else group.removeprefix(SELECTION)
