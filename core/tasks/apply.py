"""Use a trained model on new cells, without training."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TextIO

from core.errors import SpecError
from core.model import TrainedModel
from core.runs.run import Run
from core.runs.status import this_process
from core.specs import SourceSpec
from core.tasks.annotate import label, label_facts
from core.tasks.load import inputs, present
from core.tasks.outputs import write_summary
from core.tasks.progress import Progress


def annotate_with(model_path: Path, query: SourceSpec, out: Path, echo: TextIO | None = None) -> Run:
    """Label the cells of ``query`` with a trained model and write what ``annotate`` writes about a query.

    Raises
    ------
    RunError
        If the file is no model, or ``out`` already holds a run.
    SpecError
        If the model was trained for something else.
    DataError
        If the query cannot be read or shares no gene with the model.
    """
    model = TrainedModel.load(model_path)
    if model.spec.task != "annotate":
        raise SpecError("This model was not trained to label cells", model.spec.task, "Choose a model made by annotate")
    data = model.spec.data.model_copy(update={"reference": None, "query": query})
    run = Run.create(out, model.spec.model_copy(update={"data": data}))
    progress = Progress(run, echo)
    progress.changed(state="running", started=time.time(), device="cpu", **this_process())
    read = inputs(run.spec, progress, "query")
    cells = present(read.query)
    label(model, cells, run, progress)
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
    )
    progress.changed(state="finished", phase="", finished=time.time())
    return run
