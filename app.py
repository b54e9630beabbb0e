"""The web app's launcher: ``streamlit run app.py``."""

from __future__ import annotations

import streamlit as st

from pages.ui.upload import upload_route

app = st.App("pages/shell.py", routes=[upload_route()])
