"""How deep each set was read, set beside set and batch beside batch."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.depth import depth_lines
from core.project import Project
from core.specs import Role
from pages.ui import show, theme
from pages.ui.prepare import sets
from pages.ui.show.notes import text

LOWEST, HIGHEST = 140, 260
"""Pixels of a chart."""
FEWEST, MOST = 2, 8
"""Batches that make a readable chart."""
CELLS: tuple[Role, ...] = ("reference", "query")


def depth(project: Project, room: int = LOWEST) -> None:
    """Counts per cell of reference and query, and of the batches of one of them, else genes per cell.

    ``room`` is the height that is free for the charts, in pixels.
    """
    height = min(max(room, LOWEST), HIGHEST)
    read: list[tuple[Role, pd.DataFrame | None]] = [(role, sets.cells(project, role)) for role in CELLS]
    tables: dict[Role, pd.DataFrame] = {role: table for role, table in read if table is not None}
    if not tables:
        text("Depth is shown once cells are here.", muted=True)
        return
    left, right = st.columns(2, gap=16)
    with left:
        _chart("Depth of each set", _by_set(tables, "counts"), "Counts per cell", "depth", height)
    with right:
        role: Role | None = next((each for each in reversed(CELLS) if each in tables and _batches(tables[each])), None)
        if role is None:
            _chart("Genes seen in each set", _by_set(tables, "genes"), "Genes per cell", "genes_per_cell", height)
            return
        part = tables[role].dropna(subset=["batch", "counts"])
        lines = pd.DataFrame({"set": part["batch"].astype(str), "counts": part["counts"]})
        _chart(f"{sets.TITLES[role]} depth by batch", lines, "Counts per cell", "depth_by_batch", height)


def _chart(title: str, lines: pd.DataFrame, x_title: str, name: str, height: int) -> None:
    text(title, strong=True)
    if lines.empty:
        text("The values are on no known scale, so counts cannot be told.", muted=True)
        return
    figure = depth_lines(lines, theme.current(), x_title=x_title)
    show.figure(figure, name, table=lines, height=height, alt=title)


def _by_set(tables: dict[Role, pd.DataFrame], column: str) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"set": sets.TITLES[role], "counts": table[column].dropna()}) for role, table in tables.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _batches(table: pd.DataFrame) -> bool:
    return FEWEST <= table["batch"].nunique() <= MOST and bool(table["counts"].notna().any())
