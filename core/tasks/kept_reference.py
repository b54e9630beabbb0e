"""What goes into a model file so that labels can be judged where the reference is not at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from core.annotation.rejection import OpenSet
from core.data.kept_reference import KeptReference, few_of_each
from core.data.markers import aligned_scores
from core.export.tables import write_table
from core.files import write_text
from core.model import TrainedModel
from core.model_header import TRAINED, now
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.prepare import IMPACT, Prepared, rng
from core.tasks.type_averages import AVERAGE, scaled_means

BRANCH, MEASURED = "reference", "measured"
"""Branches of what a model has learned: the reference, and the tables about its held-out cells."""
TABLES = (
    *("held_out", "per_type", "confusion", "reliability", "coverage", "audit"),
    *("hierarchy", "levels", "level_answers", "level_per_type", "level_confusion", "level_reliability"),
    "level_coverage",
)
"""Tables of a training run that are true of every query; none has a row for a single cell."""


def with_reference(model: TrainedModel, prepared: Prepared, run: Run) -> TrainedModel:
    """``model`` with averages of each type, cells where the run keeps some, tables of held-out cells, and the time.

    Parameters
    ----------
    model
        As it was trained.
    prepared
        What it was trained on.
    run
        The run, whose tables about held-out cells are written.
    """
    spec, classes = model.spec, np.asarray(model.classes, dtype=object)
    labels = cast("np.ndarray", prepared.labels)
    known = classes[labels]
    moments = aligned_scores(prepared.aligned, labels, model.classes).moments
    means = scaled_means(prepared.aligned, known, model.transform, spec)
    keep = cast("AnnotateSpec", spec.analysis).keep_cells
    rows = few_of_each(known, rng(spec, IMPACT, 6)) if keep else np.arange(0)
    kept = KeptReference(
        types=model.classes,
        cells=moments.cells,
        mean=moments.mean,
        variance=moments.variance,
        share=moments.share,
        scaled=np.stack([means[name] for name in model.classes]),
        average=means[AVERAGE],
        sample=prepared.aligned.rows(rows).in_memory() if keep else None,
        sample_types=labels[rows],
    )
    paths = {name: run.directory / f"{name}.csv" for name in TABLES}
    measured = {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.exists()}
    learned = {**model.learned, BRANCH: kept.to_dict(), MEASURED: measured}
    return replace(model, learned=learned, about={**model.about, TRAINED: now(), BRANCH: in_words(kept)})


def kept_of(model: TrainedModel) -> KeptReference | None:
    """The reference as the model file holds it; ``None`` in older files."""
    found = model.learned.get(BRANCH)
    return KeptReference.from_dict(found, model.genes) if found else None


def kept_facts(model: TrainedModel) -> dict[str, Any]:
    """For summary.json: ``kept_reference`` with ``types``, ``cells`` held and ``of`` how many; empty in older files."""
    found: Mapping[str, Any] | None = model.learned.get(BRANCH)
    if not found:
        return {}
    facts = {"types": len(found["types"]), "cells": len(found["sample_types"]), "of": int(np.sum(found["cells"]))}
    return {"kept_reference": facts}


def write_measured(model: TrainedModel, run: Run) -> None:
    """Write the tables about the held-out cells of a model's own reference beside the labels that it gave."""
    tables: Mapping[str, str] = model.learned.get(MEASURED, {})
    for name, text in tables.items():
        write_text(run.directory / f"{name}.csv", text)
    if "coverage" not in tables:
        write_table(OpenSet.from_dict(model.learned["open_set"]).curve(), "coverage", run.directory)


def in_words(kept: KeptReference) -> str:
    """What a model file holds of its reference, in a sentence."""
    said = f"Averages of {int(kept.cells.sum()):,} reference cells by type, as float32"
    if kept.sample is None:
        return f"{said}; no cell of it."
    return f"{said}; {len(kept.sample_types):,} of these cells, the values of the model's genes without names."
