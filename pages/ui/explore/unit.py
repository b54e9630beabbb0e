"""The Codes page's pieces: one unit in each cell type, on the embedding, its genes, its terms, its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import keys
from core.errors import AppError
from core.figures.codes import gene_changes, unit_violins
from core.interpretation.unit import unit_by_label
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.tasks import unit_stability, unit_step, unit_words
from core.tasks.colours import run_colours
from core.tasks.unit_step import Units
from pages.ui import background, scatter, session, show, theme
from pages.ui.explore import finished
from pages.ui.explore.codes_desk import Desk, unit_key, unit_settings

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

SHOWN_GENES = 13
MOST_LABELS = 14
HEIGHT = 340


def chosen(results: Results, header: DeltaGenerator) -> int:
    """The unit looked at, from 0; buttons to the one before and the one behind, and a box."""
    count, key = results.code.shape[1], unit_key(results.run)
    now = min(int(session.kept(key, 0)), count - 1)
    with header:
        before = st.button(f"Unit {now or 1}", icon=":material/chevron_left:", disabled=now == 0, key="unit-before")
        st.session_state[f"{key}-box"] = now
        picked = st.selectbox(
            "Unit",
            range(count),
            format_func=lambda number: f"Unit {number + 1}",
            key=f"{key}-box",
            label_visibility="collapsed",
            width=100,
        )
        behind = st.button(
            f"Unit {now + 2}", icon=":material/chevron_right:", disabled=now == count - 1, key="unit-behind"
        )
    wanted = now + behind - before if before or behind else int(picked)
    if wanted != now:
        session.keep(key, wanted)
        st.rerun()
    return now


def note_of(run: Run, unit: int) -> str:
    """Key of the name given to a unit."""
    return f"unit.{run.directory.name}.{unit + 1}"


def name_of(project: Project, run: Run, unit: int) -> str:
    """What a unit is called: the name given to it, else the gene set that it is; empty where it has neither."""
    sets = Results(run).unit_sets
    return project.note(note_of(run, unit)) or (sets[unit] if unit < len(sets) else "")


def name_box(project: Project, run: Run, unit: int) -> None:
    """A name for the unit, kept in the project."""
    own = note_of(run, unit)
    name = st.text_input(
        "Name of this unit",
        value=project.note(own) or "",
        placeholder="Name this unit",
        max_chars=60,
        label_visibility="collapsed",
        key=f"name-{own}",
        width=136,
    )
    if st.button("Save name", type="primary", icon=":material/check:", key="save-unit-name"):
        project.note(own, name.strip())
        session.keep("unit-named", own)
        st.rerun()


def current(at: Desk) -> Units | None:
    """Genes and terms of all units, computed in a child process where they are missing; ``None`` if refused."""
    found = unit_step.stored(at.project, at.run, at.sets, at.units)
    if found is None:
        arguments: dict[str, Any] = {"project_root": str(at.project.root), "run": at.name}
        arguments |= {"gene_sets": str(at.sets or ""), "settings": at.units.model_dump()}
        with st.spinner("Moving each unit in turn and reading its genes"):
            try:
                background.call("core.tasks.unit_step:compute", **arguments)
            except AppError as problem:
                show.error(problem)
                return None
        found = unit_step.stored(at.project, at.run, at.sets, at.units)
    return found


def violins(results: Results, unit: int) -> None:
    """Value of the unit in each cell type."""
    column = results.label_column
    values = results.code.iloc[:, unit]
    words = "Circle: median" + (", predicted types" if column == keys.LABEL else "")
    with show.card("Value in each cell type", subtitle=words):
        named = results.obs[column].astype(str) if column else pd.Series("all cells", index=results.obs.index)
        table = pd.DataFrame({"cell_type": named.to_numpy(), "value": values.to_numpy()})
        ordered = list(unit_by_label(table["value"].to_numpy(), table["cell_type"].to_numpy())["label"])
        if len(ordered) > MOST_LABELS:
            ends = [*ordered[: MOST_LABELS - 4], *ordered[-4:]]
            show.text(f"The highest {MOST_LABELS - 4} and the lowest 4 of {len(ordered)} types.", muted=True)
            table = table.loc[table["cell_type"].isin(ends)]
        figure = unit_violins(table, f"unit {unit + 1}", theme.current(), colours=run_colours(results, theme.current()))
        alt = f"Value of unit {unit + 1} in each cell type"
        show.figure(figure, f"unit_{unit + 1}_by_type", table=table, height=HEIGHT, alt=alt, key="unit-violins")


def picture(results: Results, unit: int) -> None:
    """The cells coloured by the unit."""
    with show.card("On the embedding"):
        pictures = results.pictures
        names = list(pictures)
        drawn = pictures[next((name for name in names if "code" in name), names[0])]
        column = results.label_column
        points = drawn.points.assign(value=results.code.iloc[:, unit].to_numpy())
        if column:
            points[column] = results.obs[column].astype(str).to_numpy()
        scatter.scatter(
            points.rename(columns={"value": f"Unit {unit + 1}"}),
            key="unit-picture",
            content=finished.key(results.run, "unit", unit, drawn.title),
            colour=f"Unit {unit + 1}",
            hover=(column,) if column else (),
            named_by=column or "",
            caption=drawn.caption,
            legend=True,
            height=HEIGHT - 40,
        )


def genes(at: Desk, found: Units, unit: int) -> None:
    """The genes that the unit moves most, up above down."""
    moves = found.facts["by"] == "decoder"
    title = "Genes that this unit moves" if moves else "Genes that move this unit"
    help, subtitle = (MOVES_HELP, "") if moves else (SALIENCY_HELP, "no decoder: by saliency")
    with show.card(title, help=help, subtitle=subtitle) as card:
        unit_settings(at, card.actions)
        own = found.genes.loc[found.genes["unit"] == f"unit_{unit + 1}"]
        shown = own.head(SHOWN_GENES).rename(columns={"difference": "change"})
        shown = shown.sort_values("change", ascending=False, kind="stable")
        when = f"the unit {unit_words.moved_words(found.facts)}"
        figure = gene_changes(shown.loc[:, ["gene", "change"]], theme.current(), when=when)
        figure.update_traces(constraintext="none", selector={"type": "bar"})
        if not moves:
            figure.update_xaxes(title_text="Mean derivative of the unit by the gene")
        elif found.facts["baseline"]:
            figure.update_xaxes(title_text=f"Change from the mean {found.facts['baseline']} cell when {when}")
        name = f"unit_{unit + 1}_genes"
        show.figure(figure, name, table=own, height=HEIGHT, alt=f"{title}, unit {unit + 1}", key="unit-genes")


def stability(at: Desk, unit: int) -> None:
    """Whether other trainings found the unit again, in a sentence with the way to find out."""
    number = unit_stability.comparable(at.run, at.project.runs())
    table = unit_stability.stored(at.project, at.run, at.units) if number else None
    if number and table is None:
        words = (
            f"There {'is 1 other training' if number == 1 else f'are {number} other trainings'} of this recipe here."
        )
        if show.note(words, actions=("Was this unit found again?",), key="unit-stability"):
            arguments = {"project_root": str(at.project.root), "run": at.name, "settings": at.units.model_dump()}
            with st.spinner("Comparing the units of every training"):
                done = session.attempt(lambda: background.call("core.tasks.unit_stability:compute", **arguments))
            if done is not None:
                st.rerun()
        return
    show.note(unit_words.stability_words(pd.DataFrame() if table is None else table, unit, number))


MOVES_HELP = (
    "A code is rebuilt twice: as it is, and with this unit moved. Bars show how the rebuilt profile changes, in the "
    "unit that the network was trained on before scaling. The button at the right says how far, in which direction and "
    "from which cells' mean code; two standard deviations above the mean of all cells as published."
)
SALIENCY_HELP = (
    "Without a decoder a unit moves no gene. Shown are the genes that move the unit: its mean derivative by the input "
    "of each gene, positive where more of the gene raises the unit."
)
