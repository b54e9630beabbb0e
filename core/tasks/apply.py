"""Use a trained model on new cells, without training."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from core.errors import SpecError
from core.model import TrainedModel
from core.runs.run import Run
from core.runs.status import this_process
from core.specs import RunSpec, SourceSpec, replaced_all
from core.tasks.annotate import label, label_facts
from core.tasks.kept_reference import kept_facts, write_measured
from core.tasks.load import inputs, present
from core.tasks.outputs import write_summary
from core.tasks.progress import Progress

SETTABLE = ("analysis.voting", "analysis.embedding")
"""Settings that a trained model leaves open: what was learned does not depend on them."""


def annotate_with(
    model_path: Path,
    query: SourceSpec,
    out: Path,
    echo: TextIO | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Run:
    """Label the cells of ``query`` with a trained model and write what ``annotate`` writes.

    What was measured on cells held out of the model's own reference is written as the model file has it.

    Parameters
    ----------
    model_path
        A ``model.safetensors``.
    query
        The cells.
    out
        Folder of the new run.
    echo
        Where progress is told.
    settings
        Values by path, of voting and of the pictures; all else the model brings along.

    Raises
    ------
    RunError
        If the file is no model, or ``out`` already holds a run.
    SpecError
        If the model was trained for something else, or a setting is none that it leaves open.
    DataError
        If the query cannot be read or shares no gene with the model.
    """
    model = TrainedModel.load(model_path)
    if model.spec.task != "annotate":
        raise SpecError("This model was not trained to label cells", model.spec.task, "Choose a model made by annotate")
    model = replace(model, spec=_with_settings(model.spec, settings or {}))
    data = model.spec.data.model_copy(update={"reference": None, "bridge": None, "query": query})
    run = Run.create(out, model.spec.model_copy(update={"data": data, "name": ""}))  # the name is that of the training
    progress = Progress(run, echo)
    progress.changed(state="running", started=time.time(), device="cpu", **this_process())
    read = inputs(run.spec, progress, "query")
    cells = present(read.query)
    label(model, cells, run, progress)
    write_measured(model, run)
    model.save(run.model_path)
    facts = label_facts(run, model, cells)
    write_summary(
        run,
        read.fingerprints(),
        cells=cells.n_cells,
        genes=len(model.genes),
        classes=list(model.classes),
        model=str(model_path),
        **facts,
        **kept_facts(model),
    )
    progress.changed(state="finished", phase="", finished=time.time())
    return run


def _with_settings(spec: RunSpec, settings: Mapping[str, Any]) -> RunSpec:
    for path in settings:
        if not path.startswith(SETTABLE):
            remedy = f"Set something below {' or '.join(SETTABLE)}, or train again"
            raise SpecError("A trained model brings its own settings", path, remedy)
    return replaced_all(spec, settings) if settings else spec
