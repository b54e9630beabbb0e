"""Groups: by which cell types samples differ, after what a sample sheet says of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.composition.groups import Comparison
from core.errors import AppError
from core.specs import content_key
from core.specs.groups import GroupSpec
from core.tasks.group_words import CAUTION, arrangement_words, finding_words
from core.tasks.groups import compare_samples, keep
from core.tasks.sample_sheet import lacking_words, sample_columns
from pages.ui import cache, show
from pages.ui.composition import group_charts, group_question, group_tables, merge
from pages.ui.composition.desk import Desk
from pages.ui.show import notes

ABOUT = (
    "Group, age or batch of each sample come from a sample sheet: a table with one row for each bulk sample. Bring it "
    "on the Data page; nothing is estimated again"
)


def view(desk: Desk) -> None:
    """Draw the view."""
    sheet = desk.project.draft.data.samples
    columns, lacking = _columns(desk, sheet)
    if columns is None:
        return
    if columns.columns.empty:
        show.empty("Nothing is known of the samples yet", ABOUT, page="data")
        return
    spec = group_question.asked(desk, columns)
    try:
        with st.spinner("Comparing"):
            found = _compared(desk, columns, spec, sheet)
    except AppError as problem:
        notes.error(problem)
        return
    left, right = st.columns([600, 572], gap=12)
    with right:
        chosen = group_tables.tests(found, spec, desk)
    with left:
        group_charts.card(found, spec, chosen, desk)
    beside = [lacking_words(lacking, len(columns))] if lacking else []
    words = " ".join([finding_words(found, spec), *beside, arrangement_words(found, spec)])
    show.note(f"{words} {CAUTION}")


def _columns(desk: Desk, sheet: str | None) -> tuple[pd.DataFrame | None, list[str]]:
    """What is known of the samples; None where the sheet cannot be used, which is said."""
    try:
        return sample_columns(desk.results, sheet)
    except AppError as problem:
        notes.error(problem)
        notes.link("data", "Choose another sheet on the Data page")
        return None, []


def _compared(desk: Desk, columns: pd.DataFrame, spec: GroupSpec, sheet: str | None) -> Comparison:
    """The comparison, made once for its question and kept among the files of the run."""
    chosen = merge.groups(desk.project, desk.results.table("composition"))
    stamp = (sheet, Path(sheet).stat().st_mtime_ns) if sheet else None
    key = content_key("groups", str(desk.results.run.directory), spec, list(stamp or ()), chosen)

    def make() -> Comparison:
        together = partial(merge.put_together, chosen) if chosen else None
        found = compare_samples(desk.results, columns, spec, together)
        keep(desk.results.run, spec, found)
        return found

    return cache.table(key, make)
