"""Bringing a file: by its path on this machine, or through the browser."""

from __future__ import annotations

import streamlit as st

from core.data.formats.detect import READABLE
from core.project import Project
from pages.ui.explore import gene_sets
from pages.ui.models import bring as models
from pages.ui.prepare import bridge, sets
from pages.ui.sets import place
from pages.ui.show import notes
from pages.ui.upload_control import upload

HINTS = {
    "gene_sets": "A GMT file, such as MSigDB's",
    "bridge": "Multiome cells with genes and peaks: an h5mu or a 10x h5",
    "truth": "A table of samples and cell types, as CSV",
    "samples": "A table of samples and what is known of them, as CSV or TSV",
    "model": models.MODEL_HINT,
}


def by_path(project: Project) -> None:
    """A button that asks for a path and what the file is."""
    turn = sets.turn()
    with st.popover("Add by path", icon=":material/folder_open:", key=f"add-path-{turn}"):
        kind = _kind(project, f"path-kind-{turn}")
        _path_form(project, kind, f"path-{turn}")


def by_upload(project: Project) -> None:
    """A button that takes a file from the browser's machine."""
    turn = sets.turn()
    with st.popover("Upload", icon=":material/upload:", key=f"add-upload-{turn}"):
        kind = _kind(project, f"upload-kind-{turn}")
        _upload(project, kind, f"upload-{turn}")


def replace(project: Project, kind: str) -> None:
    """A small button that adds, replaces or removes one kind of file."""
    turn, present = sets.turn(), getattr(project.draft.data, kind) is not None
    with st.popover(
        "Replace" if present else "Add",
        icon=":material/note_add:" if present else ":material/add:",
        key=f"bring-{kind}-{turn}",
    ):
        notes.text(f"{'Replace' if present else 'Add'} the {sets.TITLES[kind].lower()}", strong=True)
        _path_form(project, kind, f"{kind}-{turn}")
        _upload(project, kind, f"upload-{kind}-{turn}")
        if kind == "gene_sets":
            _known_sets(project, f"known-sets-{turn}")
        if present and st.button("Remove from the project", icon=":material/close:", key=f"remove-{kind}-{turn}"):
            sets.remove(project, kind)


def another(project: Project, kind: str) -> None:
    """A small button that adds a file beside those of its role."""
    turn = sets.turn()
    with st.popover("Another", icon=":material/add:", key=f"bring-{kind}-{turn}"):
        notes.text(f"Add {sets.ANOTHER_TITLES[kind].lower()}", strong=True)
        _path_form(project, kind, f"{kind}-{turn}")
        _upload(project, kind, f"upload-{kind}-{turn}")


def _kind(project: Project, key: str) -> str:
    beside = [kind for kind, role in sets.ANOTHER.items() if getattr(project.draft.data, role) is not None]
    return st.selectbox("What it is", [*sets.TITLES, *beside], format_func=sets.title, key=key)


def _path_form(project: Project, kind: str, key: str) -> None:
    with st.form(f"form-{key}", border=False):
        path = st.text_input(
            "Path on this machine",
            key=f"path-of-{key}",
            placeholder="/data/cells.h5ad",
            help=HINTS.get(kind, f"A file or folder: {READABLE}."),
        )
        sent = st.form_submit_button("Read it", icon=":material/check:")
    if sent and kind == "model":
        models.model(project, path)
    elif sent:
        _bring(project, kind, path)


def _known_sets(project: Project, key: str) -> None:
    """The gene-set files that the project made, fetched or looked at, and the way to where more are made."""
    known = gene_sets.files(project, None)
    if known:
        path = st.selectbox("Or one that the project has", known, format_func=gene_sets.title, key=key)
        if st.button("Use these sets", icon=":material/check:", key=f"{key}-use"):
            _bring(project, "gene_sets", str(path))
    place.link(f"{key}-more")


def _upload(project: Project, kind: str, key: str) -> None:
    arrived = upload(key, label="Upload a file", hint=HINTS.get(kind, "h5ad, 10x h5, loom, RDS, csv and more"))
    if arrived is not None and kind == "model":
        models.model(project, str(arrived.path), uploaded=True)
    elif arrived is not None and not _bring(project, kind, str(arrived.path)):
        arrived.path.unlink(missing_ok=True)  # the copy that came through the browser; the user has the original


def _bring(project: Project, kind: str, path: str) -> bool:
    return bridge.bring(project, path) if kind == "bridge" else sets.bring(project, kind, path)
