"""Use a trained model on new cells, without training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from core.data.fingerprint import fingerprint
from core.errors import RunError, SpecError
from core.export.recipe_file import differences
from core.model import TrainedModel
from core.model_header import ModelHeader
from core.runs.run import Run
from core.specs import SETTABLE, ModelSourceSpec, RunSpec, SourceSpec
from core.tasks.annotate import label, label_facts
from core.tasks.kept_reference import kept_facts, write_measured
from core.tasks.load import inputs, present
from core.tasks.outputs import write_summary
from core.tasks.progress import Progress, Stopped
from core.tasks.with_model import applied_spec, left_open, with_settings
from core.tasks.worker import execute

OF_THE_RUN = ("name", "training.")
"""Settings that a run has for itself: its name, and the threads of its worker."""


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
    path = model_path.expanduser().resolve()  # run.json is read from other folders as well
    header = ModelHeader.read(path)
    source = ModelSourceSpec(path=str(path), fingerprint=fingerprint(path))
    run = Run.create(out, applied_spec(header, source, query, settings or {}))
    execute(run, echo)
    return run


def perform(run: Run, progress: Progress) -> None:
    """Label the query with the model that ``run`` names, and write what a run that learned its labels writes.

    Raises
    ------
    RunError
        If the model file is gone, damaged, or another than was chosen.
    SpecError
        If the run asks for what the model was not trained with.
    """
    source = run.spec.data.model
    assert source is not None
    progress.phase("Reading the model")
    model = _model(run.spec, source)
    model = replace(model, spec=with_settings(model.spec, left_open(run.spec)))
    progress.changed(device="cpu")
    read = inputs(run.spec, progress, "query")
    if progress.stopping():
        raise Stopped
    cells = present(read.query)
    label(model, cells, run, progress)
    write_measured(model, run)
    model.save(run.model_path)
    write_summary(
        run,
        {**read.fingerprints(), "model": source.fingerprint},
        cells=cells.n_cells,
        genes=len(model.genes),
        classes=list(model.classes),
        model=source.path,
        **label_facts(run, model, cells),
        **kept_facts(model),
    )


def _model(spec: RunSpec, source: ModelSourceSpec) -> TrainedModel:
    """The model at ``source``, which fits ``spec``."""
    path = Path(source.path)
    if not path.is_file():
        raise RunError("The model file is not there", source.path, "Bring it again")
    if source.fingerprint and fingerprint(path) != source.fingerprint:
        raise RunError("The model file has changed since it was chosen", source.path, "Choose it again")
    header = ModelHeader.read(path)
    if spec.task != "annotate" or spec.data.query is None:
        raise SpecError("A trained model labels the cells of a query", spec.task, "Leave data.model empty")
    own = applied_spec(header, source, spec.data.query, left_open(spec))
    for setting, value in differences(spec, own).items():
        if not setting.startswith(OF_THE_RUN):
            remedy = f"Set something below {' or '.join(SETTABLE)}, or train again"
            raise SpecError(f"The model was trained with another {setting}", value, remedy)
    return TrainedModel.load(path)
