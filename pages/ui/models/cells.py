"""The cells that a model is to label, and how many of its genes they have."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import AppError
from core.model_header import ModelHeader
from core.project import Project
from core.specs import SourceSpec, parse
from core.tasks import stored_sets
from core.tasks.model_files import Fit, fit
from pages.ui import background, show
from pages.ui.models import bring, chosen
from pages.ui.models.listed import feature_word
from pages.ui.prepare import sets

FEW = 0.5
"""Share of a model's genes below which its labels are doubtful."""
NAMED = 200


def choose(project: Project, header: ModelHeader | None) -> tuple[SourceSpec | None, Fit | None]:
    """The card of the query: which file, and how it fits the model.

    Returns
    -------
    The file and its fit; no fit where the file, or the model, cannot be read.
    """
    offered = chosen.queries(project)
    with show.card("Cells to label", subtitle="A reference is not needed: the model brings what it learned.") as panel:
        with panel.actions:
            bring.query_buttons(project)
        now = chosen.query(offered)
        if now is None:
            show.text("No cells yet. Add a file here; a query that is brought on the Data page is offered as well.")
            return None, None
        source = _box(project, offered, now)
        if header is None or not _described(project, source):
            return source, None
        found = fit(project, header, source)
        assert found is not None
        _numbers(project, header, source, found)
        _remarks(header, found)
    return source, found


def _box(project: Project, offered: list[SourceSpec], now: SourceSpec) -> SourceSpec:
    own = project.draft.data.query
    own_path = own.path if own else ""
    by_path = {source.path: source for source in offered}
    key = f"models-query-{sets.turn()}"
    st.session_state[key] = now.path
    st.selectbox(
        "File",
        list(by_path),
        format_func=lambda path: f"{Path(path).name}{', the query of the project' if path == own_path else ''}",
        key=key,
        on_change=lambda: chosen.choose_query(by_path[st.session_state[key]]),
    )
    return by_path[st.session_state[key]]


def _described(project: Project, source: SourceSpec) -> bool:
    """Whether the project knows the genes of ``source``, read now where it does not; a refusal is shown."""
    if stored_sets.stored(project, "query", source) is not None:
        return True
    with st.spinner(f"Reading {Path(source.path).name}"):
        try:
            made = background.call(
                "core.tasks.admit:describe_query", project_root=str(project.root), source=source.model_dump(mode="json")
            )
        except AppError as problem:
            show.error(problem)
            return False
    described = parse(SourceSpec, made)
    if described == source:
        return True
    if source.fingerprint:
        show.note(f"{Path(source.path).name} has changed since it was added. Add it again.", "attention")
        return False
    chosen.add_query(project, described)  # a file that was named without being read, as on the command line
    st.rerun()


def _numbers(project: Project, header: ModelHeader, source: SourceSpec, found: Fit) -> None:
    folder = stored_sets.stored(project, "query", source)
    assert folder is not None
    word = feature_word(header)
    show.facts(
        [
            show.Number("cells", f"{stored_sets.summary(folder)['n_cells']:,}"),
            show.Number(f"of the model's {found.genes:,} {word} are shared", f"{found.shared:,}"),
            show.Number(f"{word} are missing", f"{len(found.missing):,}"),
        ]
    )


def _remarks(header: ModelHeader, found: Fit) -> None:
    """What the missing genes mean."""
    word = feature_word(header)
    if not found.shared:
        examples = ", ".join(header.genes[:3])
        show.note(
            f"**Nothing is shared.** The model knows {word} such as {examples}: bring cells of the same species with "
            "the same kind of name.",
            "failed",
        )
        return
    if not found.missing:
        show.text(f"The cells have every one of the model's {word}.", muted=True)
        return
    if found.shared < FEW * found.genes:
        show.note(
            f"The cells have {100 * found.shared / found.genes:.0f} % of the model's {word}. What was measured of the "
            "model does not hold for so few: believe its labels only where other signs agree.",
            "attention",
        )
    with st.container(horizontal=True, vertical_alignment="center", gap=8):
        stand_in = "zeros stand in" if word == "peaks" else "the mean of the training cells stands in"
        show.text(f"For what is missing {stand_in}.", muted=True)
        with st.popover("Which are missing", key="models-missing"):
            more = f" and {len(found.missing) - NAMED:,} more" if len(found.missing) > NAMED else ""
            show.text(", ".join(found.missing[:NAMED]) + more)


def ready(header: ModelHeader | None, found: Fit | None) -> bool:
    """Whether the model can label the cells."""
    return header is not None and found is not None and found.shared > 0
