"""The Export page's pieces: files to tick, where they go, the recipe, the report, and what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import AppError
from core.export.recipe_file import to_yaml
from core.project import Project
from core.runs.run import Run
from core.specs import Task
from core.tasks import export_items, export_step
from core.tasks.export_items import Item
from pages.ui import background, session, show

SETTINGS = "export"
"""Note of the project: folder, size and resolution of the last export."""
LAST = "export.last"
WIDTHS = {85: "Single column, 85 mm", 178: "Double column, 178 mm"}
RESOLUTIONS = (150, 300, 600)
TASKS: dict[Task, str] = {
    "represent": "codes and embedding",
    "annotate": "labels",
    "deconvolve": "composition",
    "evaluate": "evaluation",
}
MOST_BYTES = 50_000_000
"""Larger files are not sent through the browser."""
RECIPE_HEIGHT, COMMAND_HEIGHT = 545, 140
FILES_HEIGHT = 434
"""Pixels of the table of files: its head and thirteen whole rows."""
COLUMNS = {
    "name": show.Column("File", "code"),
    "what": show.Column("What is in it"),
    "size": show.Column("Size", "number"),
    "state": show.Column("State", "chip", help="Stale: data or settings have changed since the run."),
}


def runs_box() -> list[Run]:
    """The runs whose files are listed; the one looked at is chosen at first."""
    found = {run.directory.name: run for run in session.runs(finished=True)}
    now = session.run(finished=True)
    chosen = st.multiselect(
        "Runs",
        list(found),
        default=[now.directory.name] if now else [],
        format_func=lambda name: f"{found[name].name}, {TASKS[found[name].spec.analysis.task]}",
        placeholder="Choose runs",
        label_visibility="collapsed",
        width=320,
        key="export-runs",
    )
    return [found[name] for name in chosen]


def files(project: Project, runs: list[Run]) -> list[Item]:
    """All files of the runs with tick boxes; returns those that are ticked."""
    listed = [item for run in runs for item in export_items.items(project, run)]
    several = len(runs) > 1
    start = [row for row, item in enumerate(listed) if item.default]
    with show.card("Files") as panel:
        lines = [
            {
                "run": next(run.name for run in runs if run.directory.name == item.run),
                "name": item.name,
                "what": item.what,
                "size": "on export" if item.size is None else size(item.size),
                "state": item.state,
            }
            for item in listed
        ]
        columns = {"run": "Run", **COLUMNS} if several else COLUMNS
        key = f"export-files-{'-'.join(run.directory.name for run in runs)}"
        event = show.table(lines, columns, key=key, select="rows", selected=start, height=FILES_HEIGHT)
        ticked = [listed[row] for row in event.selected]
        known = sum(item.size or 0 for item in ticked)
        panel.actions.html(f'<span class="cd-muted">{len(ticked)} of {len(listed)} chosen, {size(known)}</span>')
    return ticked


def stale(project: Project, runs: list[Run]) -> None:
    """What changed since the runs were made."""
    for run in runs:
        because = next((item.because for item in export_items.items(project, run) if item.because), "")
        if because:
            text = f"The files of {run.name} are **stale**: {because}. They can be exported as they are."
            show.note(text, "attention", icon="history", page="runs", key=f"export-stale-{run.directory.name}")


def where(project: Project, run: Run, counts: bool) -> dict[str, Any]:
    """Folder and figure settings, kept in the project, and the run as a command."""
    kept = {"folder": str(project.export), "width_mm": 85, "dpi": 300, "dark": False, "counts": True}
    kept |= project.note(SETTINGS) or {}
    with show.card("Where to"):
        slots = st.columns([2, 1.1, 0.8], gap=12)
        folder = slots[0].text_input("Folder on the machine that runs CellDesk", kept["folder"], key="export-folder")
        width = slots[1].selectbox(
            "Figure width",
            list(WIDTHS),
            index=list(WIDTHS).index(kept["width_mm"]),
            format_func=WIDTHS.__getitem__,
            key="export-width",
        )
        dpi = slots[2].selectbox(
            "Resolution of PNG",
            RESOLUTIONS,
            index=RESOLUTIONS.index(kept["dpi"]),
            format_func=lambda number: f"{number} dpi",
            key="export-dpi",
        )
        with st.container(horizontal=True, gap=24):
            with_counts = st.toggle("Counts in results.h5ad", kept["counts"], key="export-counts", disabled=not counts)
            dark = st.toggle("Dark figures as well", kept["dark"], key="export-dark")
        _command(run)
    now = {"folder": (folder or "").strip(), "width_mm": width, "dpi": dpi, "dark": dark, "counts": with_counts}
    if now != kept and now["folder"]:
        project.note(SETTINGS, now)
    return {**now, "folder": now["folder"] or str(project.export)}


def write(project: Project, ticked: list[Item], options: dict[str, Any]) -> None:
    """Write the ticked files in a child process and say where they lie."""
    chosen = [[item.run, item.name] for item in ticked]
    with st.spinner(f"Writing {len(chosen)} items"):
        try:
            done = background.call(
                "core.tasks.export_step:export", project_root=str(project.root), chosen=chosen, **options
            )
        except AppError as problem:
            show.error(problem)
            return
    session.keep(LAST, done)


def said() -> None:
    """What the last export wrote, and where."""
    done = session.kept(LAST)
    if done:
        show.note(f"**{len(done['files'])} files, {size(done['bytes'])}**, in `{done['folder']}`.", "good")


def written() -> None:
    """Small files of the last export, to save through the browser."""
    done = session.kept(LAST)
    if not done:
        return
    root = Path(done["folder"])
    there = [name for name in done["files"] if (root / name).is_file()]
    small = [name for name in there if (root / name).stat().st_size <= MOST_BYTES]
    with show.card("Written", subtitle="Save a file through the browser", height="content"):
        slots = st.columns([2, 1], gap=12)
        name = slots[0].selectbox("File", small, label_visibility="collapsed", key="export-written")
        if name:
            slots[1].download_button(
                "Save",
                data=(root / name).read_bytes(),
                file_name=Path(name).name,
                icon=":material/download:",
                width="stretch",
                key="export-save",
                on_click="ignore",
            )


def recipe(run: Run) -> None:
    """The run's settings as a file, to copy or save."""
    with show.card("Recipe", subtitle="Anyone can open this file"):
        text = to_yaml(run.spec)
        st.code(text, language="yaml", wrap_lines=True, height=RECIPE_HEIGHT)
        st.download_button(
            "Save YAML",
            data=text,
            file_name=f"{run.directory.name}.yaml",
            mime="text/yaml",
            icon=":material/download:",
            width="stretch",
            key="export-yaml",
            on_click="ignore",
        )


def report(run: Run) -> None:
    """What the report and the methods text hold."""
    with show.card("Report", height="content"):
        text, cited = export_step.methods(run)
        versions = run.summary.get("versions", {})
        show.key_values(
            {
                "Methods text": f"{len(text.split())} words, {len(cited)} citations",
                "Settings": "all",
                "Versions and fingerprints": f"{len(versions)} and {len(run.summary.get('fingerprints', {}))}",
            }
        )
        with st.popover("Read the methods text", icon=":material/visibility:", width="stretch", key="export-methods"):
            show.text(text)
            for number, citation in enumerate(cited, start=1):
                show.text(f"{number}. {citation}", muted=True)


def _command(run: Run) -> None:
    text = session.attempt(lambda: export_step.repeat(run.spec, "results"))
    if text:
        show.text(f"The same without a browser, {run.name}", strong=True)
        st.code(text, language="bash", wrap_lines=True, height=COMMAND_HEIGHT)


def size(number: int) -> str:
    """Bytes as people read them: ``96 kB``."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= step:
            value = number / step
            return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
    return f"{number} B"
