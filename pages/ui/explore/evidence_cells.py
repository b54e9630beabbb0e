"""Cells: browse those without a label, the unsure ones or all; see where they lie, what they express, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.annotation.refusal import refused_groups
from core.annotation.rejected import nearest_types, with_group, with_second
from core.tasks import evidence_kept
from core.tasks.colours import run_colours
from pages.ui import background, cache, session, show, theme
from pages.ui.explore import evidence_why, finished
from pages.ui.explore.evidence import Desk
from pages.ui.scatter import scatter

REFUSED, UNSURE, EVERY = "Not assigned", "Unsure", "All"
NEAREST = "Nearest type"
SHOWN = 300
TABLES_HEIGHT, UNSURE_HEIGHT, ALL_HEIGHT, PICTURE_HEIGHT = 696, 680, 610, 338
"""Pixels; of groups and cells, both tables together."""
GROUPS_SHOWN, GENES_SHOWN = 5, 5
"""Rows in sight, whatever else there is."""
BROWSER_HELP = (
    "Groups put together cells of one nearest type and one reason. Choose a group to see it in the picture, and a cell "
    "to see why it is called what it is. Unsure: the lowest probability first, labelled or not."
)
EXPRESSED_HELP = (
    "Wilcoxon test of the group against the query's own cells of the nearest type; against the reference where fewer "
    "than ten were labelled so, and then two protocols differ as well."
)


@dataclass(frozen=True)
class Chosen:
    """``cells``: names of the cells that stand out in the picture. ``cell``: the one explained, if any."""

    cells: pd.Index
    title: str
    cell: str | None


def view(desk: Desk) -> None:
    """The browser at the left; picture, group and explanation at the right."""
    left, right = st.columns([464, 708], gap=12)
    with left:
        chosen = _browser(desk)
    with right:
        picture, group = st.columns([380, 316], gap=12)
        with picture:
            _picture(desk, chosen)
        with group:
            _group(desk, chosen)
        evidence_why.why(desk, chosen.cell)


def _browser(desk: Desk) -> Chosen:
    with show.card("Which cells", help=BROWSER_HELP, key="browser") as card:
        way = card.actions.segmented_control(
            "Which",
            [REFUSED, UNSURE, EVERY],
            default=REFUSED if len(desk.choice.refused) else UNSURE,
            required=True,
            label_visibility="collapsed",
            key="browsed",
        )
        return _refused(desk) if way == REFUSED else _others(desk, str(way))


def _refused(desk: Desk) -> Chosen:
    refused = desk.choice.refused
    groups = refused_groups(refused)
    key = f"browse-groups-{desk.name}-{desk.choice.cut.rate}"
    most = _groups_height(groups)
    event = show.table(
        groups.assign(nearest=_named(groups["nearest"], groups["probability"])),
        {"group": "Group", "cells": show.Column("Cells", "number"), "nearest": "Nearest type", "reason": "Why"},
        key=key,
        select="row",
        selected=(0,) if len(groups) else (),
        height=most,
        empty="Every cell got a label.",
    )
    every = with_second(with_group(refused, groups), desk.results.table("probabilities"))
    title, cells = "Not assigned", every
    if event.selected:
        title = str(groups["group"].iloc[event.selected[0]])
        cells = every.loc[every["group"] == title]
    columns = {
        "cell": show.Column("Cell", "code"),
        "nearest": show.Column("Nearest type", help="The most probable type and its probability."),
        "open_set_score": show.Column(
            "Score", "number", ".3f", help="Open-set score, 0 to 1: share of held-out cells that are less strange."
        ),
    }
    listed = cells.rename_axis("cell").reset_index()
    cell = _cells(desk, listed, columns, f"{key}-{title}", TABLES_HEIGHT - min(most, show.table_height(len(groups))))
    _save(every.rename_axis("cell").reset_index(), "not_assigned")
    return Chosen(pd.Index(cells.index), title, cell)


def _groups_height(groups: pd.DataFrame) -> int:
    """What the cells of the largest group leave, so that the tables stay where they are when a group is chosen."""
    largest = int(groups["cells"].max()) if len(groups) else 0
    return max(TABLES_HEIGHT - show.table_height(largest), show.table_height(GROUPS_SHOWN))


def _others(desk: Desk, way: str) -> Chosen:
    annotation = desk.choice.annotation
    if way == UNSURE:
        found = annotation.sort_values("probability", kind="stable")
    else:
        part = st.text_input("Name of a cell, or a part of it", key=f"browse-name-{desk.name}").strip()
        found = annotation.loc[annotation.index.str.contains(part, regex=False)] if part else annotation
    table = with_second(found.head(SHOWN), desk.results.table("probabilities"))
    table = table.assign(nearest=table["cell_type"], label=desk.choice.labels.loc[table.index].astype(str))
    columns = {
        "cell": show.Column("Cell", "code"),
        "nearest": show.Column("Best type"),
        "second_type": show.Column("Then", help="The second most probable type and its probability."),
    }
    listed = table.rename_axis("cell").reset_index()
    cell = _cells(
        desk, listed, columns, f"browse-{way}-{desk.name}-{len(found)}", UNSURE_HEIGHT if way == UNSURE else ALL_HEIGHT
    )
    if len(found) > SHOWN:
        show.text(f"The first {SHOWN} of {len(found):,} cells", muted=True)
    _save(found.rename_axis("cell").reset_index(), "cells")
    shown = pd.Index([cell]) if cell else pd.Index(table.index if way == UNSURE else [])
    return Chosen(shown, "The least sure cells" if way == UNSURE else "Chosen cell", cell)


def _cells(desk: Desk, listed: pd.DataFrame, columns: dict, key: str, height: int) -> str | None:
    shown = listed.head(SHOWN)
    shown = shown.assign(
        nearest=_named(shown["nearest"], shown["probability"]),
        second_type=_named(shown["second_type"], shown["second_probability"]),
    )
    first = (0,) if len(shown) else ()
    event = show.table(shown, columns, key=key, select="row", selected=first, height=height, empty="No such cell.")
    return str(shown["cell"].iloc[event.selected[0]]) if event.selected else None


def _named(types: Iterable, probabilities: Iterable) -> list[str]:
    return [f"{name}, {p:.2f}" for name, p in zip(types, probabilities, strict=True)]


def _save(table: pd.DataFrame, name: str) -> None:
    st.download_button(
        f"Save all {len(table):,} as CSV",
        lambda: table.to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        type="tertiary",
        on_click="ignore",
        key=f"save-{name}",
    )


def _picture(desk: Desk, chosen: Chosen) -> None:
    pictures = desk.results.pictures
    picture = next((each for each in pictures.values() if each.title.endswith("code")), next(iter(pictures.values())))
    with show.card("Where they lie", subtitle=f"{picture.title}, by nearest type", key="cells-picture"):
        labels = desk.choice.annotation["cell_type"].astype("category")
        scatter(
            picture.points.assign(**{NEAREST: labels.to_numpy()}).astype({NEAREST: labels.dtype}),
            key="evidence-cells",
            content=finished.key(desk.results.run, NEAREST),
            colour=NEAREST,
            colours=run_colours(desk.results, theme.current()),
            selected=_mask(desk, chosen),
            weak=0.15,
            tools=False,
            caption=picture.caption,
            height=PICTURE_HEIGHT,
        )


def _mask(desk: Desk, chosen: Chosen) -> np.ndarray | None:
    cells = desk.results.obs.index
    return cells.isin(chosen.cells) if len(chosen.cells) else None


def _group(desk: Desk, chosen: Chosen) -> None:
    n = len(chosen.cells)
    words = f"{n:,} {'cell' if n == 1 else 'cells'}"
    with show.card(chosen.title, help=EXPRESSED_HELP, subtitle=words, key="cells-group"):
        if not n:
            show.text("Choose a cell.", muted=True)
            return
        near = nearest_types(desk.results.table("probabilities"), chosen.cells).head(3)
        shades = run_colours(desk.results, theme.current())
        columns = {
            "cell_type": show.Column("Nearest types", "swatch", colours=shades),
            "probability": show.Column("Mean probability", "meter"),
        }
        show.table(near, columns, key=f"nearest-{desk.name}")
        _expressed(desk, chosen.cells, str(near["cell_type"].iloc[0]))


def _expressed(desk: Desk, cells: pd.Index, nearest: str) -> None:
    names = sorted(map(str, cells))
    if len(names) < 2:
        show.text("Genes are compared for groups of two cells or more.", muted=True)
        return
    run = desk.results.run
    key = evidence_kept.expressed_folder(run, names, nearest, desk.labels).name
    found = cache.shared(
        finished.key(run, "expressed", key, session.kept(f"expressed-{key}", 0)),
        lambda: evidence_kept.stored_expressed(run, names, nearest, desk.labels),
    )
    if found is None:
        if st.button(f"Compare genes with {nearest}", icon=":material/genetics:", width="stretch", key="express"):
            arguments = {"run": desk.folder, "cells": names, "nearest": nearest, "labels": desk.labels}
            with st.spinner("Comparing all genes"):
                done = session.attempt(lambda: background.call("core.tasks.evidence_cell:expressed", **arguments))
            if done is not None:
                session.keep(f"expressed-{key}", 1)
                st.rerun()
        return
    table, compared = found
    columns = {
        "gene": show.Column("Gene", "gene"),
        "log2_fold": show.Column("log2 fold", "number", "+.1f"),
        "p_adjusted": show.Column("Adjusted p", "number", ".0e"),
    }
    whose = "labelled query cells" if compared == "query" else "reference cells"
    show.text(f"Higher than in {whose} of {nearest}", strong=True)
    up = table.loc[table["log2_fold"] > 0]
    show.table(
        up.head(GENES_SHOWN),
        columns,
        key=f"expressed-{key[:10]}",
        empty="No gene is higher.",
        height=show.table_height(GENES_SHOWN),
    )
    st.download_button(
        "Save all genes as CSV",
        lambda: table.to_csv(index=False),
        "group_genes.csv",
        "text/csv",
        type="tertiary",
        on_click="ignore",
        key="save-expressed",
    )
