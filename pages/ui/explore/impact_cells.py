"""Which cells the Pathways page asks about: all, a group, one group minus another, or each type minus the rest."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.results import Results
from core.saved import Saved
from core.tasks.impact_names import REST, SELECTION, title
from pages.ui import session, show

ALL, EACH = "All cells", "Each type minus the rest"
DIFFERENCE, ON_TOP = "Difference", "On all cells"
LONGEST = 16
ON_TOP_HELP = "The impact on all cells as colours, and on top of each the sign and size of group A minus group B."


class Groups(NamedTuple):
    """``first``, ``second``: as the result is stored; empty for all cells and for none. ``on_top``: of all cells."""

    first: str = ""
    second: str = ""
    on_top: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Under which the result is stored."""
        return self.first, self.second

    @property
    def each(self) -> bool:
        """Whether every type is compared with the rest."""
        return self.second == REST and not self.first

    @property
    def needed(self) -> list[tuple[str, str]]:
        """The results that are drawn."""
        return [self.pair, ("", "")] if self.on_top else [self.pair]

    @property
    def named(self) -> tuple[str, str]:
        """What the two are called."""
        return title(self.first), title(self.second)


def labels(results: Results) -> list[str]:
    """Cell types of the cells that the run was trained on; empty without labels."""
    run = results.run
    known = run.summary.get("classes")
    if known:
        return [str(name) for name in known]
    reference = run.spec.data.reference
    column = reference.label_column if reference else None
    if not column or column not in results.obs:
        return []
    return sorted({str(name) for name in results.obs[column].dropna()})


def box(results: Results, saved: Saved, key: str) -> Groups:
    """The button that says which cells, and behind it the choice."""
    names = labels(results)
    drawn = [f"{SELECTION}{name}" for name in saved.names] if results.run.spec.task != "deconvolve" else []
    known = [*names, *drawn]
    now = Groups(*session.kept(key, ()))
    if not known:
        return Groups()
    with st.popover(_on_button(now), key=f"{key}-popover"):
        chosen = _choice(known, len(names) > 1, key)
        if not drawn and results.run.spec.task != "deconvolve":
            show.text("Selections saved on the Embedding page can be chosen here as well.", muted=True)
    if chosen != now:
        session.keep(key, tuple(chosen))
        st.rerun()
    return chosen


def _choice(known: list[str], several: bool, key: str) -> Groups:
    first = st.selectbox(
        "Cells, group A", [ALL, *([EACH] if several else []), *known], format_func=_worded, key=f"{key}-first"
    )
    if first in (ALL, EACH):
        return Groups("", REST if first == EACH else "")
    if not st.toggle("Group A minus group B", key=f"{key}-minus"):
        return Groups(str(first))
    others = [REST, *(name for name in known if name != first)]
    second = st.selectbox("Group B", others, format_func=_worded, key=f"{key}-second")
    view = st.segmented_control("Shown", (DIFFERENCE, ON_TOP), required=True, key=f"{key}-view", help=ON_TOP_HELP)
    return Groups(str(first), str(second), view == ON_TOP)


def short(label: str) -> str:
    """A cell type's name that leaves the tiles their room."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 6]}…{label[-5:]}"


def _worded(group: str) -> str:
    if group == REST:
        return "The rest"
    return f"Selection {title(group)}" if group.startswith(SELECTION) else group


def _on_button(groups: Groups) -> str:
    if groups.each:
        return "Cells: each type"
    return "Cells: two groups" if groups.second else f"Cells: {short(title(groups.first)) or 'all'}"
