"""The level at which labels are shown: fine, coarser, or each as deep as is safe."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.annotation.backoff import SAFE
from core.results import Results

MOST_LETTERS = 48
"""Letters that fit side by side beside the sentence; longer names become a select box."""
HEIGHT = 50
"""Pixels of the bar with the gap under it, which the picture and the curve give up."""


def names(results: Results) -> tuple[str, ...]:
    """Names of the levels, the coarsest first; empty where labels have one level."""
    return tuple(map(str, results.run.summary.get("levels", ())))


def choose(results: Results) -> str:
    """The bar with the switch and what held-out cells say of the choice; empty where labels have one level."""
    known = names(results)
    if not known:
        return ""
    options = [*reversed(known), SAFE]
    with st.container(horizontal=True, vertical_alignment="center", gap=12, key="levels-bar"):
        st.html('<div class="cd-text">Labels at level</div>', width="content")
        key = f"level-{results.run.directory.name}"
        fits = len(options) <= 4 and sum(map(len, options)) <= MOST_LETTERS
        if fits:
            level = st.segmented_control(
                "Labels at level", options, default=known[-1], required=True, label_visibility="collapsed", key=key
            )
        else:
            level = st.selectbox("Labels at level", options, label_visibility="collapsed", width=220, key=key)
        level = str(level)
        st.html(f'<div class="cd-text cd-muted">{escape(_sentence(results, level))}</div>', width="content")
    return level


def error(results: Results, level: str) -> float:
    """Expected calibration error at a level on held-out cells, 0 to 1; as deep as is safe, that of the finest."""
    table = results.table("levels")
    known = dict(zip(table["level"], table["error"].to_numpy(float), strict=True))
    return float(known[names(results)[-1] if level == SAFE else level])


def _sentence(results: Results, level: str) -> str:
    row = results.table("level_answers").set_index("answer").loc[level]
    right = f"{100 * row['accuracy']:.1f} % of all held-out reference cells are right"
    if level != SAFE:
        return f"{right}."
    return f"{right}; {100 * row['coverage']:.1f} % get a label, {100 * row['precision']:.1f} % of these right."
