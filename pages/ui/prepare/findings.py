"""The check list: what was found in all files, and links that do what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.data.findings import KINDS, NOTHING_TO_DO, Finding
from core.errors import SpecError
from core.project import Project
from core.recipes import RECIPES
from core.recipes.adopt import adopted
from core.specs import ROLES, Role, RunSpec, SourceSpec, at
from core.specs.several import FURTHER
from core.tasks.check import Check
from pages.ui import session, show
from pages.ui.prepare import sets, several
from pages.ui.show.notes import text

DECIDED = "decided"
"""Note of the project: findings that a person has looked at and left as they are."""
ACCEPTABLE = {"shared_genes": "", "few_cells": "Keep them"}
"""Findings without harm when left alone, and the link that says so; empty for their own remedy."""
OTHER_COLUMN = "choose another"
FILTERS = {"choose": "To choose", "note": "Notes", "fine": "Fine"}
PLACES = {"gene_sets": "Gene sets", "truth": "Measured"}
ROOM, LIST_HEIGHT = 488, 346
"""Pixels for list and charts together, and for the list alone."""
HEAD_HEIGHT, ROW_HEIGHT, TALL_ROW = 28, 31, 45
ONE_LINE = 62
"""Letters of a finding that fit into one line."""
MOST_SHOWN = 200


def standing(project: Project, check: Check | None) -> list[Finding]:
    """The findings as they stand: what was chosen or left as it is counts as a note, not as a choice to make."""
    draft, decided = project.draft, project.note(DECIDED) or []
    found = check.report.findings if check else ()
    settled = [replace(one, kind="note") if _chosen(one, draft, decided) else one for one in found]
    return sorted(settled, key=lambda one: KINDS.index(one.kind))


def check_list(project: Project, found: Sequence[Finding], below: Callable[[Project, int], None]) -> None:
    """The card with all findings, a filter by kind and a link wherever something can be done.

    Parameters
    ----------
    project
        The open project.
    found
        The findings as they stand.
    below
        Draws what lies under the list, given the pixels that the list leaves free.
    """
    with show.card("Check", subtitle="What was found in your files. Nothing is changed without you.") as panel:
        counts = {kind: sum(one.kind == kind for one in found) for kind in FILTERS}
        words = {"all": f"All {len(found)}"} | {kind: f"{word} {counts[kind]}" for kind, word in FILTERS.items()}
        chosen = panel.actions.segmented_control(
            "Show",
            list(words),
            format_func=words.__getitem__,
            default="all",
            key=f"findings-{sets.key_of(project)}",
            label_visibility="collapsed",
            required=True,
        )
        shown = [one for one in found if chosen in ("all", one.kind)]
        draft, decided = project.draft, project.note(DECIDED) or []
        rows = [
            {"kind": one.kind, "in": _where(one), "what": one.what, "remedy": _offer(one, draft, decided)}
            for one in shown
        ]
        columns = {
            "kind": show.Column(" ", "chip"),
            "in": "In",
            "what": "What was found",
            "remedy": show.Column("What you can do", "link"),
        }
        event = show.table(
            rows,
            columns,
            key=f"check-{sets.key_of(project)}-{chosen}-{sets.turn()}",
            height=LIST_HEIGHT - several.taken(project),
            empty="Nothing of this kind.",
        )
        tall = sum(len(one.what) > ONE_LINE for one in shown)
        needed = HEAD_HEIGHT + TALL_ROW * tall + ROW_HEIGHT * (len(shown) - tall)
        room = ROOM - several.taken(project)
        below(project, room - min(needed, LIST_HEIGHT - several.taken(project)))
    if event.clicked:
        _act(project, shown[event.clicked.row], event.clicked.label)


def _where(one: Finding) -> str:
    return PLACES.get(one.key) or ("All sets" if one.role == "all" else sets.TITLES[one.role])


def _offer(one: Finding, draft: RunSpec, decided: list[str]) -> Any:
    """Labels of links, or plain words where there is nothing to click."""
    if one.remedy == NOTHING_TO_DO:
        return {"text": NOTHING_TO_DO}
    if _chosen(one, draft, decided):
        return {"text": one.remedy if one.remedy.endswith("(chosen)") else f"{_taken(one, draft)} (chosen)"}
    if one.key == "few_cells":
        return [ACCEPTABLE["few_cells"], "Leave them out"]
    if one.key == "label_column" and one.value is not None:
        return [one.remedy.replace("`", ""), OTHER_COLUMN]
    possible = _source_of(one, draft) or one.items or one.key in (*ACCEPTABLE, "empty_cells")
    if one.setting and not possible:
        possible = one.value is not None and _known(draft, one.setting)
    return [one.remedy.replace("`", "")] if possible else {"text": one.remedy}


def _act(project: Project, one: Finding, label: str) -> None:
    draft = project.draft
    source = _source_of(one, draft)
    if one.key in ACCEPTABLE and label in (ACCEPTABLE[one.key], one.remedy):
        project.note(DECIDED, [*(project.note(DECIDED) or []), _name(one)])
        st.rerun()
    elif source is not None and one.value is not None and label != OTHER_COLUMN:
        role, number = _place(str(one.setting))
        sets.reread(project, role, source.model_copy(update={str(one.setting).split(".")[-1]: one.value}), number)
    elif source is not None:
        several.look_at(project, *_place(str(one.setting)))
        st.rerun()
    elif one.setting == "recipe" and one.value is not None:
        wanted = RECIPES[one.value]
        session.attempt(lambda: project.edit(lambda now: adopted(now, wanted)))
        st.rerun()
    elif one.setting and one.value is not None:
        session.attempt(lambda: project.change(str(one.setting), _typed(draft, str(one.setting), str(one.value))))
        st.rerun()
    elif one.key == "empty_cells":
        session.go("quality")
    else:
        _list_items(one)


@st.dialog("What is meant", width="medium")
def _list_items(one: Finding) -> None:
    text(one.what)
    st.code("\n".join(one.items[:MOST_SHOWN]), language=None, height=320)
    if len(one.items) > MOST_SHOWN:
        text(f"The first {MOST_SHOWN:,} of {len(one.items):,}; save the list for the rest.", muted=True)
    st.download_button("Save the list", "\n".join(one.items), f"{one.role}_{one.key}.txt", icon=":material/download:")


def _chosen(one: Finding, draft: RunSpec, decided: list[str]) -> bool:
    if _name(one) in decided:
        return True
    return bool(one.setting and one.value is not None and _known(draft, one.setting)) and str(
        at(draft, str(one.setting))
    ) == str(one.value)


def _taken(one: Finding, draft: RunSpec) -> str:
    if one.key != "few_cells":
        return one.remedy.replace("`", "")
    return "Leave them out" if str(draft.data.quality.min_label_cells) == one.value else "Keep them"


def _name(one: Finding) -> str:
    return f"{one.role}: {one.what}"


def _source_of(one: Finding, draft: RunSpec) -> SourceSpec | None:
    """The file whose meaning the finding's remedy changes."""
    place, _, field = (one.setting or "").rpartition(".")
    if field not in SourceSpec.model_fields or not _known(draft, place):
        return None
    found = at(draft, place)
    return found if isinstance(found, SourceSpec) else None


def _place(setting: str) -> tuple[Role, int]:
    """Role and number of the file that a setting such as ``data.more_bulk.0.unit`` belongs to."""
    first, *more = setting.split(".")[1:-1]
    fields: dict[str, Role] = {}
    for role in ROLES:
        fields |= {role: role, FURTHER.get(role, role): role}
    return fields[first], 1 + int(more[0]) if more else 0


def _known(draft: RunSpec, setting: str) -> bool:
    """Whether the draft's kind of run has this setting."""
    try:
        at(draft, setting)
    except (AttributeError, IndexError):
        return False
    return True


def _typed(draft: RunSpec, setting: str, value: str) -> Any:
    kind = type(at(draft, setting))
    try:
        return kind(value)
    except ValueError:
        raise SpecError("The value does not fit", value, f"Change {setting} by hand") from None
