"""Settings of a run that labels a query, by what they are about; what would do nothing is left out."""

from __future__ import annotations

import streamlit as st

from core.specs import AnnotateSpec, RunSpec
from pages.ui import forms, show


def edit(draft: RunSpec, spec: AnnotateSpec, key: str) -> AnnotateSpec:
    """Draw the settings in three columns and return ``spec`` as the widgets say; evidence has a page of its own."""
    members, trust, query = st.columns(3, gap=24)
    with members:
        show.text("Who votes", strong=True)
        spec = _drawn(spec, key, ["linear_member", "boosted_member", "member_shares"])
        spec = _drawn(spec, key, _shares_to_set(spec))
        spec = _drawn(spec, key, ["voting"])
    with trust:
        show.text("How far labels are trusted", strong=True)
        spec = _drawn(spec, key, ["calibration", *(["calibration_folds"] if spec.calibration == "folds" else [])])
        spec = _drawn(spec, key, ["false_reject_rate", "strangeness_from", "groups"])
        spec = _drawn(spec, key, ["false_label_rate"] if spec.groups or _has_levels(draft) else [])
        spec = _drawn(spec, key, ["keep_cells"])
    with query:
        show.text("How the query is read and drawn", strong=True)
        over = ["bridge"] if draft.data.bridge is not None else []
        spec = _drawn(spec, key, ["query_scaling", "smoothing", *over, "embedding"])
    return spec


def _drawn(spec: AnnotateSpec, key: str, fields: list[str]) -> AnnotateSpec:
    return forms.edit(spec, key, fields) if fields else spec


def _shares_to_set(spec: AnnotateSpec) -> list[str]:
    """Shares that count: of members that there are, where nothing is learned."""
    if spec.member_shares == "learned":
        return []
    asked = {"linear_weight": spec.linear_member, "boosted_weight": spec.boosted_member}
    return [name for name, is_there in asked.items() if is_there]


def _has_levels(draft: RunSpec) -> bool:
    return draft.data.reference is not None and bool(draft.data.reference.coarser_columns)
