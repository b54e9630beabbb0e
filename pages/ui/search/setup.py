"""The card that sets the next search up: which settings vary, between which values, how many trials, judged by what."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.cli_spec import value_of
from core.errors import SpecError
from core.project import Project
from core.runs.differences import setting_title
from core.search.offers import proposed
from core.specs import Dimension, RunSpec, SearchSpec, parse
from core.specs.field_paths import choices_of
from pages.ui import forms, session, show, widgets
from pages.ui.fields import worded
from pages.ui.search import plan

ADD = "search.add"
SAMPLERS = {"tpe": "Learning", "random": "Random", "grid": "Grid"}
KINDS = ("Range", "List")
MOST_LETTERS = 34


def setup_card(project: Project, draft: RunSpec) -> SearchSpec:
    """Edit the next search, keep every change, and say what stands against it."""
    search = plan.plan(project, draft)
    key = f"search.{project.root.name}-{draft.recipe}"
    with show.card("Next search", help="What varies between trials. It is kept in the project.") as panel:
        size = _size(search)
        panel.actions.html(f'<span class="cd-muted">{size}</span>')
        changed = _dimensions(project, draft, search, key)
        changed = _settings(changed, draft, key)
        if changed != search:
            plan.keep(project, changed)
            st.rerun()
        problem = _refusal(search, draft)
        if problem is not None:
            show.error(problem)
    return search


def _size(search: SearchSpec) -> str:
    if search.sampler == "grid":
        return f"{search.planned:,} combinations"
    return f"{search.planned:,} {'trial' if search.planned == 1 else 'trials'}"


def _refusal(search: SearchSpec, draft: RunSpec) -> SpecError | None:
    try:
        search.check(draft)
    except SpecError as problem:
        return problem
    return None


def _dimensions(project: Project, draft: RunSpec, search: SearchSpec, key: str) -> SearchSpec:
    """One row for each setting that varies, and a box to add another."""
    changed = search
    for each in search.dimensions:
        with st.container(
            horizontal=True, vertical_alignment="center", gap=4, key=f"dimension-{each.path}", wrap=False
        ):
            with st.popover(_label(each), width="stretch", key=f"{key}.{each.path}"):
                made = _edited(each, f"{key}.{each.path}")
            if st.button(
                ":material/close:",
                type="tertiary",
                key=f"{key}.{each.path}.remove",
                help=f"Leave {setting_title(each.path)} as it is",
            ):
                changed = plan.without_dimension(changed, each.path)
                continue
        if made != each:
            changed = session.attempt(lambda made=made: plan.with_dimension(search, made)) or changed
    offered = plan.addable(search, draft)
    st.selectbox(
        "Add a setting",
        list(offered),
        index=None,
        format_func=lambda path: _capital(offered.get(str(path), str(path))),
        key=ADD,
        placeholder="Add a setting to vary",
        label_visibility="collapsed",
        on_change=lambda: _add(project, draft, search),
    )
    return changed


def _add(project: Project, draft: RunSpec, search: SearchSpec) -> None:
    path = st.session_state[ADD]
    st.session_state[ADD] = None
    if path:
        session.attempt(lambda: plan.keep(project, plan.with_dimension(search, proposed(draft, path))))


def _edited(dimension: Dimension, key: str) -> Dimension:
    """The values of one setting, as a range, a list of numbers, or choices to tick."""
    show.text(_capital(setting_title(dimension.path)), strong=True)
    known = choices_of(dimension.path)
    if known:
        widgets.resend(f"{key}.choices")
        widgets.seed(f"{key}.choices", list(dimension.choices), dimension.choices)
        chosen = st.pills("Choices", known, selection_mode="multi", format_func=_worded, key=f"{key}.choices")
        return _checked(dimension, {"choices": tuple(each for each in known if each in chosen)})
    now = KINDS[dimension.kind == "choices"]
    widgets.resend(f"{key}.kind")
    widgets.seed(f"{key}.kind", now, now)
    kind = st.segmented_control("Values", KINDS, key=f"{key}.kind", required=True)
    if kind != now:
        return _turned(dimension)
    if dimension.kind == "range":
        return forms.edit(dimension, key, ("low", "high", "log", "step"), folded=True)
    listed = ", ".join(str(each) if each is not None else "null" for each in dimension.choices)
    widgets.resend(f"{key}.list")
    widgets.seed(f"{key}.list", listed, listed)
    text = st.text_input("Values", key=f"{key}.list", help="Separated by commas; null for an empty setting.")
    found = value_of(f"[{text}]")
    return _checked(dimension, {"choices": found if isinstance(found, list) else [text]})


def _turned(dimension: Dimension) -> Dimension:
    """A range as a list of its ends and what lies between them, or a list as the range that holds it."""
    if dimension.kind == "range":
        low, high = dimension.ends
        between = (low * high) ** 0.5 if dimension.log else (low + high) / 2
        values = list(dict.fromkeys(dimension.cast(float(f"{each:.3g}")) for each in (low, between, high)))
        return parse(Dimension, {"path": dimension.path, "kind": "choices", "choices": values})
    numbers = [each for each in dimension.choices if each is not None]
    return parse(Dimension, {"path": dimension.path, "low": min(numbers), "high": max(numbers)})


def _checked(dimension: Dimension, values: dict[str, Any]) -> Dimension:
    return forms.checked(dimension, values)


def _settings(search: SearchSpec, draft: RunSpec, key: str) -> SearchSpec:
    """How settings are chosen, how many trials, by what they are judged; the rest in a popover."""
    search = forms.edit(search, key, ("sampler",), words={"sampler": SAMPLERS})
    grid = search.sampler == "grid"
    left, right = st.columns(2, gap=12)
    with left:
        search = _judged_by(search, draft, key)
    with right:
        search = forms.edit(search, key, ("parallel",) if grid else ("trials",))
    fields = ("epochs", "repeats", "pruning") if grid else ("epochs", "repeats", "parallel", "present_first", "pruning")
    with st.popover("More settings", width="stretch", key=f"{key}.more"):
        search = forms.edit(search, key, fields, folded=True)
        if not grid:
            search = forms.edit(
                search, key, ("random_first", "seed") if search.sampler == "tpe" else ("seed",), folded=True
            )
    return search


def _judged_by(search: SearchSpec, draft: RunSpec, key: str) -> SearchSpec:
    field = SearchSpec.model_fields["metric"]
    known = list(draft.objective.watched)
    options = known if search.metric in known else [search.metric, *known]
    widgets.seed(f"{key}.metric", search.metric, search.metric)
    chosen = st.selectbox(
        field.title or "", options, format_func=plan.metric_words, key=f"{key}.metric", help=field.description
    )
    return forms.checked(search, {"metric": chosen})


def _label(dimension: Dimension) -> str:
    if dimension.kind == "choices":
        values = ", ".join(_worded(each) for each in dimension.choices)
    else:
        low, high = dimension.ends
        step = f" by {dimension.step:g}" if dimension.step else ""
        values = f"{low:g} to {high:g}{step}"
    text = f"{_capital(setting_title(dimension.path))}: {values}"
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else worded(value)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
