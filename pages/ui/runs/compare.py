"""All runs of the project by what sets them apart; ticked ones are drawn over the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.runs import history
from core.runs.differences import what_differs
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec, content_key
from pages.ui import cache, session, show
from pages.ui.runs import head, read
from pages.ui.runs.progress import duration

TICKED = "run.ticked"
HEIGHT, LOW, HEAD_HEIGHT, ROW_HEIGHT = 240, 122, 29, 31
"""Pixels: the largest table, the same beside a replay, its head, a row."""
COLUMNS = {
    "name": show.Column("Run", "link"),
    "state": show.Column("State", "chip"),
    "differs": show.Column("What differs"),
    "epochs": show.Column("Epochs"),
    "loss": show.Column(
        "Best loss", "number", ".4f", help="In the best epoch, on the validation cells where there are any."
    ),
    "accuracy": show.Column("Accuracy", "number", ".3f", help="Of the cell types, in the same epoch."),
    "speed": show.Column("Cells/s", "number", ",.0f"),
    "time": show.Column("Time", "number"),
}


def overlaid(runs: Sequence[Run], shown: Run) -> list[Run]:
    """The ticked runs beside the one that is shown."""
    ticked = session.kept(TICKED, [])
    return [run for run in runs if run.directory.name in ticked and run != shown]


def table_height(n_runs: int, most: int = HEIGHT) -> int:
    """Pixels of the table of ``n_runs``, ``most`` at most; more runs scroll under its head."""
    return min(HEAD_HEIGHT + ROW_HEIGHT * n_runs, most)


def compare_card(runs: Sequence[Run], shown: Run, most: int = HEIGHT) -> None:
    """The table, ``most`` pixels high at most; a click on a name shows that run, a tick lays it over."""
    with show.card("Compare runs", subtitle="Tick to overlay. Only settings that differ are listed.") as panel:
        lost = next((run for run in runs if run != shown and read.status(run).state == "lost"), None)
        if lost is not None and panel.actions.button(
            f"Resume {read.name(lost)}", icon=":material/resume:", key="resume-other"
        ):
            head.resume(lost)
        ticked = session.kept(TICKED, [])
        rows = _rows(runs, shown)
        there = {field for row in rows for field, value in row.items() if value not in (None, "")}
        names = [run.directory.name for run in runs]
        event = show.table(
            rows,
            {field: column for field, column in COLUMNS.items() if field in there},
            key=f"runs-{content_key(str(shown.directory.parent), len(runs))}",
            select="rows",
            selected=[at for at, name in enumerate(names) if name in ticked],
            height=most,
            best=best_rows(rows, cache.table(content_key("alike", *map(read.stamp, runs)), lambda: alike(runs))),
        )
    chosen = [names[row] for row in event.selected]
    if event.clicked is not None:
        session.choose_run(runs[event.clicked.row])
        st.rerun()
    if chosen != ticked:
        session.keep(TICKED, chosen)
        st.rerun()


def _rows(runs: Sequence[Run], shown: Run) -> list[dict[str, Any]]:
    specs = [read.spec(run) for run in runs]
    words_of = cache.table(content_key("differs", *map(read.stamp, runs)), lambda: differing(specs))
    rows = []
    for run, spec, words in zip(runs, specs, words_of, strict=True):
        status = read.status(run)
        facts = cache.table(_metrics_key(run), lambda run=run: _facts(run))
        rows.append(
            {
                "name": read.name(run) + (" (shown)" if run == shown else ""),
                "state": status.state,
                "differs": words,
                "epochs": None
                if spec.data.model
                else {"text": _epochs(facts["epochs"], spec, status), "sort": facts["epochs"]},
                "loss": facts["loss"],
                "accuracy": facts["accuracy"],
                "speed": facts["speed"],
                "time": _time(status),
            }
        )
    return rows


def differing(specs: Sequence[RunSpec]) -> list[str]:
    """What sets each run apart: its recipe where there are several, then the settings."""
    settings = what_differs(specs)
    recipes = [spec.recipe.replace("_", " ") or "your own network" for spec in specs]
    if len(set(recipes)) < 2:
        return settings
    return [f"{recipe}: {words}" if words else recipe for recipe, words in zip(recipes, settings, strict=True)]


def _metrics_key(run: Run) -> str:
    changed = run.metrics_path.stat().st_mtime_ns if run.metrics_path.exists() else 0
    return content_key("metrics", str(run.directory), changed)


def _epochs(done: int, spec: RunSpec, status: Status) -> str:
    return f"{done}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{spec.training.epochs}" if status.active else str(done)


def _facts(run: Run) -> dict[str, Any]:
    """Epochs, the best epoch's loss and accuracy, and the speed of the network trained last."""
    epochs = read.epochs(run)
    shown = history.chosen(epochs, history.stage_shown(epochs))
    best = history.best_epoch(shown)
    values = (best.get("validation") or best["train"]) if best else {}
    speed = sum(record["cells_per_second"] for record in shown) / len(shown) if shown else None
    return {"epochs": len(shown), "loss": values.get("loss"), "accuracy": values.get("accuracy"), "speed": speed}


def _time(status: Status) -> dict[str, Any] | None:
    if not (status.finished and status.started):
        return None
    seconds = status.finished - status.started
    return {"text": duration(seconds), "sort": seconds}


def alike(runs: Sequence[Run]) -> bool:
    """Whether all runs minimise the same on the same genes and values, so that their losses can be compared."""
    specs = [read.spec(run) for run in runs]
    return len({content_key(spec.objective, spec.features, spec.data.transform, spec.task) for spec in specs}) == 1


def best_rows(rows: Sequence[Mapping[str, Any]], comparable: bool) -> dict[str, int]:
    """Row with the best value of each column: the highest accuracy and speed, and the lowest loss where ``comparable``.

    Of a single value none is the best.
    """
    found = {}
    for field, sign in (("loss", -1), ("accuracy", 1), ("speed", 1)):
        values = {row: sign * each[field] for row, each in enumerate(rows) if each[field] is not None}
        if len(values) > 1 and (comparable or field != "loss"):
            found[field] = max(values, key=values.__getitem__)
    return found
