"""What cells of a picture are coloured by: a column, a gene, a code unit, a gene set or a saved selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from core import keys
from core.figures.palette import NOT_ASSIGNED
from core.figures.set_names import plain_names
from core.figures.tokens import LIGHT
from core.results import Results
from core.saved import Saved
from core.tasks.activity_step import UNITS, Activity
from core.tasks.colours import run_colours
from pages.ui import cache, session, theme, widgets
from pages.ui.explore import activity, finished
from pages.ui.scatter.points import is_number

WORDS = {
    keys.LABEL: "Predicted type",
    keys.PROBABILITY: "Probability",
    keys.ASSIGNED: "Labelled or not",
    keys.OPEN_SET_SCORE: "Open-set score",
    keys.LABEL_SET_90: "Label set at 90 %",
    keys.LABEL_SET_95: "Label set at 95 %",
    keys.SAFE_LABEL: "Deepest safe label",
    keys.SAFE_LEVEL: "Level of the safe label",
    keys.VOTE_FRACTION: "Vote fraction",
    keys.OWN_LABEL: "Type before the vote",
    keys.VOTE_CLUSTER: "Cluster that voted",
}
GENE, UNIT, SET, SAVED = "\x00gene", "\x00unit", "\x00set", "\x00saved "
"""Choices beside the columns; no column begins like this."""
SET_BOX = "colour-set"
SHORT = 8
"""Letters of a gene set's name on its button."""
REST = "other cells"
MOST_CATEGORIES = 100
LABELS = ("cell_type", "celltype", "cell type", "label", "labels")
"""Where files keep cell types, for runs that were not told."""


@dataclass(frozen=True)
class Colouring:
    """A column to colour by.

    Attributes
    ----------
    title
        What it is, with its unit.
    values
        One value for each cell: categories or numbers.
    key
        Content key of the values.
    colours
        The file's own colours of the categories.
    """

    title: str
    values: pd.Series
    key: str
    colours: Mapping[str, str] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        return is_number(self.values)


def choose(results: Results, saved: Saved) -> Colouring:
    """A select box of everything that can colour the cells, and a field for the gene or the unit."""
    columns = [str(name) for name in results.obs if shown(results.column(str(name)))]
    scored = activity.at_hand(results.run)
    options = [*columns, *(f"{SAVED}{name}" for name in saved.names), GENE, UNIT, *([SET] if scored else [])]
    first = label_column(results)
    chosen = st.selectbox(
        "Colour",
        options,
        index=options.index(first) if first in options else 0,
        format_func=_word,
        key=f"colour-{results.run.directory.name}",
        label_visibility="collapsed",
        width=148,
    )
    if chosen == GENE:
        return _gene(results) or column(results, first)
    if chosen == UNIT:
        units = list(results.code.columns)
        unit = str(st.selectbox("Unit", units, format_func=_unit, label_visibility="collapsed", width=100))
        values = pd.Series(results.code[unit].to_numpy(), results.obs.index)
        return Colouring(_unit(unit), values, finished.key(results.run, unit))
    if chosen == SET and scored:
        return _gene_set(results, scored)
    if chosen.startswith(SAVED):
        return _selection(results, saved, chosen.removeprefix(SAVED))
    return column(results, chosen)


def column(results: Results, name: str) -> Colouring:
    """Colouring by a column of the cells."""
    values = results.column(name)
    if pd.api.types.is_bool_dtype(values):
        words = ("labelled", "not assigned") if name == keys.ASSIGNED else ("yes", "no")
        codes = (~values.to_numpy(bool)).astype(int)
        values = pd.Series(pd.Categorical.from_codes(codes, categories=list(words)), values.index)
    elif not is_number(values):
        values = values.astype("category").cat.remove_unused_categories()
    shades = {} if is_number(values) else {**run_colours(results, theme.current()), **results.colours(name)}
    return Colouring(_word(name), values, finished.key(results.run, name), shades)


def label_column(results: Results) -> str:
    """The column that says best what the cells are: predicted types, the file's labels, else the first with few."""
    reference = results.run.spec.data.reference
    for name in (keys.LABEL, reference.label_column if reference else None, *LABELS):
        if name in results.obs:
            return str(name)
    names = [str(name) for name in results.obs if shown(results.column(str(name)))]
    return next((name for name in names if not is_number(results.column(name))), names[0] if names else "")


def _gene(results: Results) -> Colouring | None:
    place = "such as NKG7"
    name = st.text_input("Gene", placeholder=place, label_visibility="collapsed", width=100, key="colour-gene").strip()
    if not name:
        return None
    key = finished.key(results.run, "gene", name)
    unit = "ln(CP10K + 1)" if results.has_counts else "as in the file"
    values = session.attempt(lambda: cache.table(key, lambda: results.expression(name)))
    return None if values is None else Colouring(f"{name}, {unit}", pd.Series(values, results.obs.index), key)


def _gene_set(results: Results, scored: Activity) -> Colouring:
    names = plain_names(scored.sets)
    if st.session_state.get(SET_BOX) not in names:  # a set of another file
        st.session_state.pop(SET_BOX, None)
    title = names.get(st.session_state.get(SET_BOX, ""), names[scored.sets[0]])
    short = title if len(title) <= SHORT else f"{title[: SHORT - 1]}…"
    # a list as narrow as the toolbar's fields would cut the names
    with st.popover(short, width=104, key="colour-set-open"):
        widgets.resend(SET_BOX)
        chosen = str(st.selectbox("Gene set", scored.sets, format_func=names.__getitem__, width=320, key=SET_BOX))
    key = finished.key(results.run, "activity", scored.folder.name, chosen)
    values = cache.table(key, lambda: scored.of_set(chosen).to_numpy())
    unit = UNITS[str(scored.facts["method"])]
    return Colouring(f"{names[chosen]}, {unit}", pd.Series(values, results.obs.index), key)


def _selection(results: Results, saved: Saved, name: str) -> Colouring:
    mask = saved.selection(name, results.obs.index)
    values = pd.Categorical.from_codes((~mask).astype(int), categories=[name, REST])
    key = finished.key(results.run, "saved", name, int(mask.sum()), int(mask.nonzero()[0].sum()))
    return Colouring(name, pd.Series(values, results.obs.index), key, {REST: LIGHT.cell_types[NOT_ASSIGNED]})


def shown(values: pd.Series) -> bool:
    """Whether a column has numbers, or few enough categories to be told apart by colour."""
    return is_number(values) or values.nunique() <= MOST_CATEGORIES


def _word(option: str) -> str:
    if option.startswith(SAVED):
        return f"Selection: {option.removeprefix(SAVED)}"
    if keys.is_own(option) and option not in WORDS:
        return option.removeprefix("celldesk_").replace("_", " ").capitalize()
    return {GENE: "A gene", UNIT: "A code unit", SET: "A gene set"}.get(option) or WORDS.get(option, option)


def _unit(name: str) -> str:
    return name.replace("unit_", "Unit ")
