"""What is asked of groups of samples: column, groups, pairs, scale and draws, kept in the project."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.composition.arrangement import MOST_GROUPS, levels, reads_as_number
from core.errors import SpecError
from core.specs import parse
from core.specs.groups import GroupSpec
from pages.ui import fields, show, widgets
from pages.ui.composition.desk import Desk

NOTE = "composition.groups"
WORDS = {"shares": "Shares", "log_ratios": "Log ratios", "auto": "As it is", "groups": "Groups", "number": "Number"}


def asked(desk: Desk, columns: pd.DataFrame) -> GroupSpec:
    """What the row of controls says."""
    now, settings = _kept(desk, columns), fields.settings(GroupSpec)
    options = [str(name) for name in columns]
    key = f"groups-{desk.name}"
    with show.card(key="groups-asked", height="content"):
        slots = st.columns([1.1, 1, 0.6, 1, 0.8, 1.6], gap=12, vertical_alignment="bottom")
        with slots[0]:
            widgets.seed(f"{key}-column", now.column, now.column)
            column = _choice(settings["column"], options, f"{key}-column")
        values = pd.Series(columns[column]).dropna()
        own = f"{key}-{column}"
        with slots[1]:
            scale = widgets.draw(settings["scale"], now.scale, f"{key}-scale", words=WORDS)
        with slots[2]:
            draws = widgets.draw(settings["draws"], now.draws, f"{key}-draws")
        with slots[4]:
            read_as = _read_as(settings["read_as"], values, now if now.column == column else None, own)
        number = values.nunique() > 1 and reads_as_number(values, GroupSpec(column=column, read_as=read_as))
        with slots[3]:
            paired = None if number else _paired(settings["paired_by"], options, column, now, own)
        with slots[5]:
            groups = () if number else _groups(settings["groups"], values, now, own)
    spec = now.model_copy(
        update={
            "column": column,
            "read_as": read_as,
            "groups": groups,
            "paired_by": paired,
            "scale": scale,
            "draws": draws,
        }
    )
    if spec != now:
        desk.project.note(NOTE, spec.model_dump(mode="json"))
    return spec


def _kept(desk: Desk, columns: pd.DataFrame) -> GroupSpec:
    """What the project asked last, as far as these samples have its columns."""
    first = next((str(name) for name in columns if 1 < columns[name].nunique() <= MOST_GROUPS), str(columns.columns[0]))
    try:
        kept = parse(GroupSpec, desk.project.note(NOTE) or {"column": first})
    except SpecError:
        return GroupSpec(column=first)
    if kept.column not in columns:
        kept = kept.model_copy(update={"column": first, "read_as": "auto", "groups": (), "paired_by": None})
    return kept if kept.paired_by in columns else kept.model_copy(update={"paired_by": None})


def _choice(setting: fields.Setting, options: list[str], key: str) -> str:
    return str(st.selectbox(setting.title, options, key=key, help=setting.help))


def _read_as(setting: fields.Setting, values: pd.Series, now: GroupSpec | None, key: str) -> Any:
    """How a column of numbers is read; text can only be groups."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return "auto"
    auto = "number" if reads_as_number(values, GroupSpec(column="any")) else "groups"
    shown = auto if now is None or now.read_as == "auto" else now.read_as
    widgets.seed(f"{key}-read", shown, shown)
    picked = st.selectbox(
        setting.title, ["groups", "number"], format_func=WORDS.__getitem__, key=f"{key}-read", help=setting.help
    )
    return "auto" if picked == auto else picked


def _groups(setting: fields.Setting, values: pd.Series, now: GroupSpec, key: str) -> tuple[str, ...]:
    """The groups that are compared, in order; empty for all."""
    options = levels(values)
    if len(options) < 3:
        return ()
    widgets.seed(f"{key}-groups", [name for name in now.groups if name in options], now.groups)
    chosen = st.multiselect(
        setting.title, options, key=f"{key}-groups", help=setting.help, placeholder=f"all {len(options)}"
    )
    return tuple(chosen)


def _paired(setting: fields.Setting, options: list[str], column: str, now: GroupSpec, key: str) -> str | None:
    others = [name for name in options if name != column]
    if not others:
        return None
    shown = now.paired_by if now.paired_by in others else None
    widgets.seed(f"{key}-paired", shown, shown)
    return st.selectbox(
        setting.title,
        [None, *others],
        format_func=lambda name: "not paired" if name is None else name,
        key=f"{key}-paired",
        help=setting.help,
        placeholder="not paired",
    )
