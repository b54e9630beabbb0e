"""Other annotators on the same cells: scores, intervals, and where CellDesk is worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.comparison.methods import BY_NAME, FLOOR, METHODS, OURS, PARTS, Part
from core.comparison.reading import reading
from core.figures.comparison import score_dots
from core.results import Results
from core.runs.run import Run
from core.tasks import compare_worker
from core.tasks.compare_kept import Compared, compared, folder_of
from pages.ui import session, show, theme
from pages.ui.explore import compare_methods

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

LABELS, COMPARE = "Labels", "Compare"
VIEW = "annotation-view"
PART_WORDS = {"query": "Query", "held_out": "Held-out reference"}
SCORES, DIFFERENCES = "Scores", "Differences"
PANELS = {"accuracy": "Accuracy", "macro_f1": "Macro-F1"}
TABLE_HEIGHT, DOTS_HEIGHT = 236, 276
HELP = (
    "Accuracy is the share of right labels, and macro-F1 the mean F1 of the types, on all cells of a type that the "
    "reference has: a cell that CellDesk leaves without a label counts by its best type. Coverage is the share that "
    "keeps a label. Intervals hold the middle 95 % of 1,000 draws of the same cells for all methods."
)


def asked(header: DeltaGenerator) -> bool:
    """The switch in the page's header between labels and comparison; whether the comparison is asked for."""
    with header:
        way = st.segmented_control(
            "View", [LABELS, COMPARE], default=LABELS, required=True, label_visibility="collapsed", key=VIEW
        )
    return way == COMPARE


def view(results: Results, header: DeltaGenerator) -> None:
    """The whole view: scores and intervals above, what they say and who takes part below."""
    run = results.run
    found = compared(run)
    with header:
        _start(run, found)
    if found is None:
        if not compare_methods.works(run):
            show.note(
                "Nothing has been compared with this run yet. **Compare** lets other annotators learn the same "
                "reference and label the same cells, in the background."
            )
        compare_methods.methods(run)
        return
    if not found.current:
        show.note("The run has been made again since: these scores are **stale**. Compare again.", "attention")
    left, right = st.columns([662, 510], gap=12)
    with left:
        part = _scores(found)
    with right:
        _dots(found, part)
    left, right = st.columns([510, 662], gap=12)
    with left:
        _words(found, part)
    with right:
        compare_methods.methods(run)


def _start(run: Run, found: Compared | None) -> None:
    """The buttons: compare, or stop."""
    folder = folder_of(run)
    if folder.status_path.exists() and folder.status.active:
        if st.button("Stop", icon=":material/stop:", key="compare-stop", disabled=folder.stop_requested):
            folder.request_stop()
            st.rerun()
        return
    programs = compare_methods.installed()
    done = found is not None and found.current and set(programs) <= set(found.facts["programs"])
    if st.button(
        COMPARE, type="primary", icon=":material/play_arrow:", key="compare-start", disabled=done, help=_done_help(done)
    ):

        def begin() -> bool:
            compare_worker.launch(run, programs)
            return True

        if session.attempt(begin):
            st.rerun()


def _done_help(done: bool) -> str | None:
    return "All that are installed have been compared with this run." if done else None


def _scores(found: Compared) -> Part:
    """The table of one part; returns which."""
    scored = [part for part in PARTS if (found.scores["part"] == part).any()]
    with show.card("The same cells for all", help=HELP, subtitle=_subtitle(found)) as card:
        chosen = card.actions.segmented_control(
            "Cells",
            scored,
            format_func=PART_WORDS.__getitem__,
            default=scored[0],
            required=True,
            label_visibility="collapsed",
            key="compare-part",
        )
        part: Part = "held_out" if chosen == "held_out" else "query"
        rows = _rows(found, part)
        show.table(rows, COLUMNS, key=f"compare-{part}", height=TABLE_HEIGHT, best=_best(rows))
        _, methods = found.part(part)
        others = int(methods["other_cells"].max()) if len(methods) else 0
        cells = int(methods["cells"].max()) if len(methods) else 0
        words = f"{cells:,} cells are scored"
        if others:
            words += f"; {others:,} of types that the reference lacks, which nobody can call right, are not"
        if "query" not in scored:
            words += ". The query has no labels of its own, so held-out reference cells stand in for it"
        show.text(f"{words}.", muted=True)
    return part


COLUMNS = {
    "method": show.Column("Method", strong=True),
    "accuracy": show.Column("Accuracy", "number", ".1f%"),
    "macro_f1": show.Column("Macro-F1", "number", ".3f"),
    "coverage": show.Column("Coverage", "number", ".1f%", help="Cells that keep a label. The others label every cell."),
    "ece": show.Column("Off by", "number", ".1f%", help="Expected calibration error of the probability, in 15 bins."),
    "agrees": show.Column("Same call", "number", ".0f%", help="Cells with the same best type as CellDesk's."),
    "cpu_seconds": show.Column(
        "CPU s",
        "number",
        ",.2f",
        help="Learning and labelling, on one thread. For held-out cells: one training for each fold; CellDesk's holds "
        "calibration and learning when to refuse as well.",
    ),
}


def _subtitle(found: Compared) -> str:
    facts = found.facts
    words = f"{facts['reference_cells']:,} reference cells, {facts['folds']} folds, seed {facts['seed']}"
    return f"{words}, a sample of the file" if facts["sampled"] else words


def _rows(found: Compared, part: Part) -> list[dict]:
    scores, methods = found.part(part)
    values = {(row["method"], row["metric"]): float(row["value"]) for row in scores.to_dict("records")}
    rows = []
    for record in methods.to_dict("records"):
        name = str(record["method"])
        row = {**record, "method": BY_NAME[name].title, "name": name}
        row |= {metric: value for (method, metric), value in values.items() if method == name}
        if record["refused"]:
            row["accuracy"] = {"text": "refuses", "sort": -1}
        rows.append(row)
    return rows


def _best(rows: list[dict]) -> dict[str, int]:
    """The best row of each score; a constant share is well calibrated by its making and is no winner."""
    found = {}
    for score, sign in (("accuracy", 1), ("macro_f1", 1), ("ece", -1)):
        scored = [
            (sign * row[score], -number)
            for number, row in enumerate(rows)
            if isinstance(row.get(score), float) and not (score == "ece" and row["name"] == FLOOR)
        ]
        if scored:
            found[score] = -max(scored)[1]
    return found


def _dots(found: Compared, part: Part) -> None:
    scores, _ = found.part(part)
    titles = {method.name: method.title for method in METHODS if (scores["method"] == method.name).any()}
    with show.card("95 % intervals", subtitle="Dashed: CellDesk") as card:
        ways = [SCORES, DIFFERENCES] if OURS in titles else [SCORES]
        way = card.actions.segmented_control(
            "Show", ways, default=SCORES, required=True, label_visibility="collapsed", key="compare-shown"
        )
        fig = score_dots(
            scores, titles, theme.current(), panels=PANELS, ours=OURS, floor=FLOOR, differences=way == DIFFERENCES
        )
        alt = "Accuracy and macro-F1 of each method with intervals"
        show.figure(fig, "comparison", table=scores, height=DOTS_HEIGHT, alt=alt)


def _words(found: Compared, part: Part) -> None:
    """What the numbers say, CellDesk's weak sides first."""
    with show.card("What it says", subtitle=PART_WORDS[part].lower(), gap=6):
        for line in reading(*found.part(part)):
            show.text(line)
        extra = found.facts.get("extra_seconds")
        if part == "query" and extra:
            show.text(
                f"Calibration and learning when to refuse took CellDesk {extra:,.1f} CPU seconds more; the others have "
                "neither.",
                muted=True,
            )
        show.text(
            "Genes of the run were chosen with the held-out cells in view, and its temperature was learned on them: on "
            "held-out cells CellDesk has a small advantage."
            if part == "held_out"
            else "One query says little about the next: look at the held-out cells too.",
            muted=True,
        )
