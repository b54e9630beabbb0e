"""The Codes page's pieces: one unit in each cell type, on the embedding, its genes, its terms, its cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import keys
from core.errors import AppError
from core.figures.codes import gene_changes, unit_violins
from core.interpretation.unit import unit_by_label
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.tasks import unit_step
from core.tasks.colours import run_colours
from core.tasks.unit_step import Units
from pages.ui import background, scatter, session, show, theme
from pages.ui.explore import finished

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

SHOWN_GENES = 14
MOST_LABELS = 14
HEIGHT = 364


def chosen(results: Results, header: DeltaGenerator) -> int:
    """The unit looked at, from 0; buttons to the one before and the one behind, and a box."""
    count, key = results.code.shape[1], f"unit-{results.run.directory.name}"
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


def current(project: Project, run: Run, sets: Path | None) -> Units | None:
    """Genes and terms of all units, computed in a child process where they are missing; ``None`` if refused."""
    found = unit_step.stored(project, run, sets)
    if found is None:
        arguments = {"project_root": str(project.root), "run": run.directory.name, "gene_sets": str(sets or "")}
        with st.spinner("Raising each unit in turn and reading its genes"):
            try:
                background.call("core.tasks.unit_step:compute", **arguments)  # type: ignore[arg-type]  all are texts
            except AppError as problem:
                show.error(problem)
                return None
        found = unit_step.stored(project, run, sets)
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


def genes(found: Units, unit: int) -> None:
    """The genes that the unit moves most, up above down."""
    moves = found.facts["by"] == "decoder"
    title = "Genes that this unit moves" if moves else "Genes that move this unit"
    help, subtitle = (MOVES_HELP, "") if moves else (SALIENCY_HELP, "no decoder: by saliency")
    with show.card(title, help=help, subtitle=subtitle):
        own = found.genes.loc[found.genes["unit"] == f"unit_{unit + 1}"]
        shown = own.head(SHOWN_GENES).rename(columns={"difference": "change"})
        shown = shown.sort_values("change", ascending=False, kind="stable")
        figure = gene_changes(shown.loc[:, ["gene", "change"]], theme.current())
        figure.update_traces(constraintext="none", selector={"type": "bar"})
        if not moves:
            figure.update_xaxes(title_text="Mean derivative of the unit by the gene")
        name = f"unit_{unit + 1}_genes"
        show.figure(figure, name, table=own, height=HEIGHT, alt=f"{title}, unit {unit + 1}", key="unit-genes")


MOVES_HELP = (
    "The mean code is decoded twice: as it is, and with this unit raised by two standard deviations. Bars show how the "
    "rebuilt profile changes, in the unit that the network was trained on before scaling."
)
SALIENCY_HELP = (
    "Without a decoder a unit moves no gene. Shown are the genes that move the unit: its mean derivative by the input "
    "of each gene, positive where more of the gene raises the unit."
)
