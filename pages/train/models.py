"""Models: a model that is trained already used on cells or bulk samples, without a reference."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.models import bring, files, listed
from pages.ui.models.settings import settings
from pages.ui.models.start import start
from pages.ui.runs import where

START = {"query": "Label these cells", "bulk": "Take these samples apart"}

project = session.need("project")
header = show.page_header("models")
models = listed.listed(project)
if not models:
    with header:
        bring.model_buttons(project)
    show.empty(
        "No trained model yet",
        "A run that labels cells, or takes bulk samples apart, leaves a model here. A model.safetensors from elsewhere "
        "can be added above, by path or by upload; it is copied into the project, and reading it runs no code",
        icon="new_label",
        page="runs",
    )
    st.stop()

left, right = st.columns([2.2, 1], gap=12)
with left:
    model = listed.choose(project, models)
    brought = files.choose(project, model.header)
with right:
    listed.about(model)
    analysis = settings(project, model.file, model.header, brought)
with header:
    where.box()
    asked = st.button(
        START[brought.role],
        type="primary",
        icon=":material/play_arrow:",
        key="models-start",
        disabled=not brought.ready or analysis is None,
    )
if asked and model.header and analysis:
    start(project, model.file, model.header, brought, analysis)
