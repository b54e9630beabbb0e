"""What each precision gains and costs: of a run, as it measured itself, and of the draft before it is started."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.project import Project
from core.runs.measured import Measured
from core.tasks.precision_step import measured_here
from pages.ui import background, forms, session, show
from pages.ui.network import write
from pages.ui.show.columns import formatted

SECONDS = 120.0
RULE = (
    "**auto** takes the fastest whose error is at most {limit}, and fp32 unless another is at least a tenth faster. "
    "fp32 stays the default: which one is fastest depends on the machine and the moment, and the same seed should give "
    "the same numbers everywhere."
)
WHAT = (
    "Measured on {cells:,} cells through this network on {host}, {device}. Speed is that of a step forward and back, "
    "relative to fp32. The error is the difference from fp32 in the outputs or in the gradient, whichever is larger, "
    "relative to their size."
)


def words(asked: str, measured: Measured | None) -> str:
    """The precision that is trained in, and whether it was chosen by measuring."""
    if asked != "auto":
        return asked
    return f"{measured.chosen}, by measuring" if measured else "auto"


def report(measured: Measured) -> None:
    """The modes as a table, with what was measured and the rule of ``auto`` in words."""
    st.html(table(measured))
    device = f"{measured.device.upper()}, {measured.threads} {'thread' if measured.threads == 1 else 'threads'}"
    show.text(WHAT.format(cells=measured.cells, host=measured.host, device=device), muted=True)
    show.text(RULE.format(limit=formatted(measured.limit, ".0f%")), muted=True)


def table(measured: Measured) -> str:
    """HTML: one row for each precision."""
    rows = "".join(
        f'<tr class="{"cd-on" if mode["precision"] == measured.chosen else ""}"><td>{escape(mode["precision"])}</td>'
        f'<td class="cd-right">{mode["speed"]:.2f} times</td>'
        f'<td class="cd-right">{formatted(mode["error"], ".2f%") if mode["error"] else "none"}</td>'
        f'<td class="cd-right">{mode["peak"]:,.0f}</td>'
        f"<td>{'chosen' if mode['precision'] == measured.chosen else ''}</td></tr>"
        for mode in measured.modes
    )
    heads = "".join(
        f'<th class="{place}">{word}</th>'
        for word, place in (
            ("Precision", ""),
            ("Speed", "cd-right"),
            ("Error", "cd-right"),
            ("Peak, cells/s", "cd-right"),
            ("", ""),
        )
    )
    return f'<div class="cd-table"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def before_a_run(project: Project) -> None:
    """A button for a page's header: the precision of the next run, and what each would gain and cost here."""
    with st.popover("Precision", icon=":material/speed:", key="draft-precision"):
        draft = project.draft
        show.text("Precision of the next run", strong=True)
        made = forms.edit(draft.training, f"training.{draft.recipe}.runs", ["precision"], folded=True)
        write.settings(project, "training", draft.training, made)
        found = measured_here(project, project.draft)
        if found is None:
            show.text("Measure here to see what each precision would gain and cost with this network.", muted=True)
        else:
            report(found)
        if st.button("Measure here" if found is None else "Measure again", key="measure-here"):
            _measure(project)


def _measure(project: Project) -> None:
    def act() -> bool:
        with st.spinner("Measuring"):
            background.call(
                "core.tasks.precision_step:measure_draft",
                threads=project.draft.training.threads,
                timeout=SECONDS,
                project_root=str(project.root),
            )
        return True

    if session.attempt(act):
        st.rerun()
