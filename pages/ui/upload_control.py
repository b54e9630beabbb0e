"""The place where a file is dropped; it goes to disk without passing through the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.workspace import workspace
from pages.ui.component import component, heard
from pages.ui.upload import ADDRESS


@dataclass(frozen=True)
class Uploaded:
    """A file that has arrived in the workspace's uploads folder; size in bytes."""

    path: Path
    name: str
    size: int


def upload(key: str, *, label: str = "Choose a file", endings: Sequence[str] = (), hint: str = "") -> Uploaded | None:
    """Offer a place to drop a file, with progress and a way to cancel.

    Parameters
    ----------
    key
        Key of the widget.
    label
        Words on the button.
    endings
        Endings offered by the file chooser, such as ``.h5ad``; empty for all.
    hint
        What the file may be, in a few words.

    Returns
    -------
    The file that has just arrived, in the one run of the page that follows it.
    """
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    address = ("/" + base if base else "") + ADDRESS.split("{")[0]
    data = {"label": label, "accept": ",".join(endings), "hint": hint, "address": address}
    answer = component("upload", "upload.js")(key=key, data=data, on_uploaded_change=heard).get("uploaded")
    if not answer:
        return None
    # the name alone is taken from the browser: a page must not be led to another folder
    path = workspace().uploads / Path(str(answer["name"])).name
    return Uploaded(path, path.name, path.stat().st_size) if path.is_file() else None
