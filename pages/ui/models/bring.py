"""Bringing a model file, or cells and samples for a model, into the project: by path, or through the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from core.data.formats.detect import READABLE
from core.project import Project
from core.specs import Role, SourceSpec, parse
from pages.ui import background, session
from pages.ui.models import chosen
from pages.ui.prepare import sets
from pages.ui.upload_control import upload

MODEL_HINT = "A model.safetensors that CellDesk wrote: of any run that labels cells or takes bulk samples apart"
PATHS: Mapping[Role, str] = {"query": "Path of the cells", "bulk": "Path of the samples"}
ENDING = ".safetensors"


def model(project: Project, path: str, *, uploaded: bool = False) -> None:
    """Copy a model file into the project and show it on the Models page; where it is refused, say so.

    Parameters
    ----------
    uploaded
        Whether the file is a copy that came through the browser, which is not needed any longer.
    """
    with st.spinner(f"Reading {Path(path).name}"):
        key = session.attempt(
            lambda: background.call("core.tasks.model_files:admit", project_root=str(project.root), path=path)
        )
    if uploaded:
        Path(path).unlink(missing_ok=True)
    if key is not None:
        chosen.choose_model(key)
        sets.renew()
        st.toast(f"{Path(path).name} was read and copied into the project")
        session.go("models")


def file(project: Project, role: Role, path: str, *, uploaded: bool = False) -> None:
    """Describe cells or samples for a model and choose them; the project's own files stay what they are."""
    with st.spinner(f"Reading {Path(path).name}"):
        source = session.attempt(
            lambda: background.call(
                "core.tasks.admit:describe", project_root=str(project.root), role=role, source={"path": path}
            )
        )
    if source is None and uploaded:
        Path(path).unlink(missing_ok=True)
    if source is not None:
        chosen.add(project, role, parse(SourceSpec, source))
        sets.redraw()


def model_buttons(project: Project) -> None:
    """Two small buttons that bring a model file."""
    _buttons(project, "model", "Path of a model file", MODEL_HINT, (ENDING,), model)


def file_buttons(project: Project, role: Role) -> None:
    """Two small buttons that bring cells or samples for a model."""

    def take(project: Project, path: str, *, uploaded: bool = False) -> None:
        file(project, role, path, uploaded=uploaded)

    _buttons(project, role, PATHS[role], f"A file or folder: {READABLE}", (), take)


def _buttons(
    project: Project, kind: str, label: str, hint: str, endings: tuple[str, ...], take: Callable[..., None]
) -> None:
    turn = sets.turn()
    with st.popover("Add by path", icon=":material/folder_open:", key=f"models-path-{kind}-{turn}"):
        with st.form(f"models-form-{kind}-{turn}", border=False):
            path = st.text_input(
                label, key=f"models-path-of-{kind}-{turn}", help=f"{hint}. On the machine of CellDesk."
            )
            sent = st.form_submit_button("Read it", icon=":material/check:")
        if sent:
            take(project, path)
    with st.popover("Upload", icon=":material/upload:", key=f"models-upload-{kind}-{turn}"):
        arrived = upload(f"models-file-{kind}-{turn}", label="Upload a file", endings=endings, hint=hint)
        if arrived is not None:
            take(project, str(arrived.path), uploaded=True)
