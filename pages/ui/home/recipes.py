"""Recipe cards: what each does, which paper it comes from and which data it needs."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from core.networks.shape import layer_table
from core.project import Project
from core.recipes import RECIPES, Recipe
from core.recipes.adopt import adopted
from core.specs import DataSpec
from pages.ui import session, show
from pages.ui.diagram import thumbnail
from pages.ui.home.start import make_project
from pages.ui.show.markup import help_mark

TYPES_DRAWN = 8
FIELDS = {
    "reference": "reference",
    "query": "query",
    "bridge": "bridge",
    "bulk": "bulk",
    "gene sets": "gene_sets",
}


def recipe_cards(project: Project | None) -> None:
    """The five published systems side by side, and CellDesk's own below."""
    show.section("Choose a recipe", "Five published systems, each a starting point that you can change freely.")
    published = [each for each in RECIPES.values() if each.card]
    for column, each in zip(st.columns(len(published), gap=12), published, strict=True):
        with column:
            _card(each, project)
    own = [each for each in RECIPES.values() if not each.card]
    for column, each in zip(st.columns(len(own), gap=12), own, strict=True):
        with column:
            _row(each, project)


def use(wanted: Recipe, project: Project | None) -> None:
    """Put ``wanted`` into the open project, or into a new one, and go where the next thing is to do."""
    opened = project or make_project(wanted.title, wanted)
    draft = opened.edit(lambda now: adopted(now, wanted))
    missing = _missing(wanted, draft.data)
    st.toast(f"{opened.name} now follows {wanted.system}.")
    session.go("data" if missing else "network")


def _card(wanted: Recipe, project: Project | None) -> None:
    with show.card(wanted.title, key=f"recipe-{wanted.name}", gap=6):
        st.html(f'<p class="cd-text cd-muted">{escape(wanted.system)}{help_mark(wanted.citation)}</p>')
        spec = wanted.spec
        inputs = spec.data.transform.n_components or spec.features.target
        thumbnail(layer_table(spec.network, spec.objective, inputs, TYPES_DRAWN), key=f"thumbnail-{wanted.name}")
        show.text(wanted.sentence)
        with st.container(key=f"recipe-foot-{wanted.name}", height="stretch", vertical_alignment="bottom", gap=8):
            show.chips(_needs(wanted, project))
            _button(wanted, project, "stretch")


def _row(wanted: Recipe, project: Project | None) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"card-row-{wanted.name}", border=True, gap=12, wrap=False
    ):
        # several of these stand side by side, so that the sentence appears on demand
        st.html(f'<p class="cd-text cd-strong">{escape(wanted.title)} {help_mark(wanted.sentence)}</p>')
        _button(wanted, project, "content")


def _button(wanted: Recipe, project: Project | None, width: Literal["stretch", "content"]) -> None:
    label = "Use this recipe" if width == "stretch" else "Use it"
    if st.button(label, key=f"use-{wanted.name}", width=width, help=f"From: {wanted.citation}"):
        session.attempt(lambda: use(wanted, project))


def _needs(wanted: Recipe, project: Project | None) -> list[tuple[str, str]]:
    """A chip for each file the recipe reads; those in place say so."""
    data = project.draft.data if project else DataSpec()
    return [("fine" if getattr(data, FIELDS[need]) else "neutral", need.capitalize()) for need in wanted.needs]


def _missing(wanted: Recipe, data: DataSpec) -> list[str]:
    return [need for need in wanted.needs if not getattr(data, FIELDS[need])]
