"""Home: begin with the demo, a recipe or a project."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.home import projects, recipes, start

show.page_header("home")
start.said()
opened = session.project()

left, right = st.columns([1.51, 1], gap=12)
with left:
    start.demo_card()
with right:
    start.new_project_card()

recipes.recipe_cards(opened)

left, right = st.columns([1.82, 1], gap=12)
with left:
    projects.recent_projects()
with right:
    projects.standing(opened)
