"""A run that used a trained model: what there is to see where nothing was learned."""

from __future__ import annotations

from pathlib import Path

from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from pages.ui import show
from pages.ui.show import notes

WAITING = "none yet"


def number_cards(run: Run, spec: RunSpec, status: Status) -> None:
    """Cells, labels, probability, types, genes and device."""
    found, threads = run.summary, spec.training.threads

    def number(name: str, form: str = ",") -> str:
        return format(found[name], form) if name in found else WAITING

    show.number_cards(
        [
            show.Number("Cells", number("cells")),
            show.Number("Labelled", number("assigned")),
            show.Number("Mean probability", number("mean_probability", ".2f"), help="Of the label that each cell got."),
            show.Number("Cell types", f"{len(found['classes']):,}" if found else WAITING, "in the model"),
            show.Number("Genes", number("genes"), "in the model"),
            show.Number(
                "Device", status.device.upper() or WAITING, f"{threads} {'thread' if threads == 1 else 'threads'}"
            ),
        ]
    )


def card(spec: RunSpec, height: int) -> None:
    """The model and the cells, ``height`` pixels high below the title."""
    model, query = spec.data.model, spec.data.query
    assert model is not None and query is not None
    with show.card("Labelled by a trained model", subtitle="Nothing is learned, so there are no losses.") as panel:
        with panel.actions:
            notes.link("models")
        with panel.body.container(height=height, border=False):
            show.key_values(
                {
                    "Model": Path(model.path).name,
                    "Where it lies": f"`{Path(model.path).parent}`",
                    "Fingerprint": f"`{model.fingerprint}`",
                    "Cells": Path(query.path).name,
                }
            )
