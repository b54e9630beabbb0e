"""A run that used a trained model: what there is to see where nothing was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from core.specs.several import files
from pages.ui import show
from pages.ui.show import notes

WAITING = "none yet"


def number_cards(run: Run, spec: RunSpec, status: Status) -> None:
    """What went in and came out: cells and labels, or samples and cohorts; then types, genes and device."""
    found, threads = run.summary, spec.training.threads
    of_task = _samples(found) if spec.task == "deconvolve" else _cells(found)
    show.number_cards(
        [
            *of_task,
            show.Number("Cell types", f"{len(found['classes']):,}" if found else WAITING, "in the model"),
            show.Number("Genes", _number(found, "genes"), "in the model"),
            show.Number(
                "Device", status.device.upper() or WAITING, f"{threads} {'thread' if threads == 1 else 'threads'}"
            ),
        ]
    )


def card(spec: RunSpec, height: int) -> None:
    """The model and the files, ``height`` pixels high below the title."""
    model = spec.data.model
    assert model is not None
    apart = spec.task == "deconvolve"
    title = "Taken apart by a trained model" if apart else "Labelled by a trained model"
    with show.card(title, subtitle="Nothing is learned, so there are no losses.") as panel:
        with panel.actions:
            notes.link("models")
        with panel.body.container(height=height, border=False):
            rows = {
                "Model": Path(model.path).name,
                "Where it lies": f"`{Path(model.path).parent}`",
                "Fingerprint": f"`{model.fingerprint}`",
                "Samples" if apart else "Cells": _names(spec, "bulk" if apart else "query"),
            }
            if apart:
                rows["Compared with"] = Path(spec.data.truth).name if spec.data.truth else "nothing measured"
            show.key_values(rows)


def _cells(found: dict[str, object]) -> list[show.Number]:
    return [
        show.Number("Cells", _number(found, "cells")),
        show.Number("Labelled", _number(found, "assigned")),
        show.Number("Mean probability", _number(found, "mean_probability", ".2f"), help="Of the label that each got."),
    ]


def _samples(found: dict[str, object]) -> list[show.Number]:
    cohorts = found.get("cohorts")
    return [
        show.Number("Samples", _number(found, "samples")),
        show.Number("Cohorts", f"{len(cohorts):,}" if isinstance(cohorts, dict) else WAITING),
        show.Number(
            "To read with care", _number(found, "flagged"), help="Samples like nothing that the model can mix."
        ),
    ]


def _number(found: dict[str, object], name: str, form: str = ",") -> str:
    return format(found[name], form) if name in found else WAITING


def _names(spec: RunSpec, role: Literal["query", "bulk"]) -> str:
    return ", ".join(Path(source.path).name for source in files(spec.data, role))
