"""Use a trained model on new cells or bulk samples, without training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from core.data.fingerprint import fingerprint
from core.data.identifiers import named_by
from core.errors import RunError, SpecError
from core.export.recipe_file import differences
from core.model import TrainedModel
from core.model_header import ModelHeader
from core.runs.run import Run
from core.specs import SETTABLE, ModelSourceSpec, RunSpec
from core.tasks.annotate import label, label_facts
from core.tasks.deconvolve import bulk_fingerprint
from core.tasks.kept_reference import kept_facts, write_measured
from core.tasks.load import bulk_cohorts, inputs, present
from core.tasks.mixture_model import ALL_GENES
from core.tasks.outputs import write_summary
from core.tasks.progress import Progress, Stopped
from core.tasks.take_apart import take_apart, write_held_out
from core.tasks.with_model import BROUGHT, applied_spec, brought_by, left_open, with_settings
from core.tasks.worker import execute

OF_THE_RUN = ("name", "training.")
"""Settings that a run has for itself: its name, and the threads of its worker."""


def use_model(
    model_path: Path,
    brought: Mapping[str, Any],
    out: Path,
    echo: TextIO | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Run:
    """Label cells, or take bulk samples apart, with a trained model, and write what a run that trains writes.

    What was measured on cells held out of the model's own reference is written as the model file has it.

    Parameters
    ----------
    model_path
        A ``model.safetensors``.
    brought
        The data by the name of their field: ``query``, or ``bulk``, ``more_bulk`` and ``truth``.
    out
        Folder of the new run.
    echo
        Where progress is told.
    settings
        Values by path, of those that the model leaves open.

    Raises
    ------
    RunError
        If the file is no model, or ``out`` already holds a run.
    SpecError
        If the model was trained for something else, or a setting is none that it leaves open.
    DataError
        If the data cannot be read or share no gene with the model.
    """
    path = model_path.expanduser().resolve()  # run.json is read from other folders as well
    header = ModelHeader.read(path)
    source = ModelSourceSpec(path=str(path), fingerprint=fingerprint(path))
    run = Run.create(out, applied_spec(header, source, brought, settings or {}))
    execute(run, echo)
    return run


def perform(run: Run, progress: Progress) -> None:
    """Do with the model that ``run`` names what a run does that learned it, and write the same.

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
    model = replace(
        model,
        spec=with_settings(model.spec, left_open(run.spec)),
        further=tuple(replace(each, spec=with_settings(each.spec, left_open(run.spec))) for each in model.further),
    )
    progress.changed(device="cpu")
    USED[run.spec.task](model, source, run, progress)


def _label(model: TrainedModel, source: ModelSourceSpec, run: Run, progress: Progress) -> None:
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


def _take_apart(model: TrainedModel, source: ModelSourceSpec, run: Run, progress: Progress) -> None:
    learned = model.learned.get(ALL_GENES, {"genes": (), "identifiers": ()})
    bulk = bulk_cohorts(run.spec.data, progress).each(
        lambda cohort: named_by(cohort, learned["genes"], learned["identifiers"])
    )
    if progress.stopping():
        raise Stopped
    model.save(run.model_path)
    write_summary(
        run,
        {**bulk_fingerprint(bulk), "model": source.fingerprint},
        model=source.path,
        networks=model.n_networks,
        **write_held_out(model, run),
        **take_apart(model, bulk, run, progress),
    )


USED: Mapping[str, Callable[[TrainedModel, ModelSourceSpec, Run, Progress], None]] = {
    "annotate": _label,
    "deconvolve": _take_apart,
}


def _model(spec: RunSpec, source: ModelSourceSpec) -> TrainedModel:
    """The model at ``source``, which fits ``spec``."""
    path = Path(source.path)
    if not path.is_file():
        raise RunError("The model file is not there", source.path, "Bring it again")
    if source.fingerprint and fingerprint(path) != source.fingerprint:
        raise RunError("The model file has changed since it was chosen", source.path, "Choose it again")
    header = ModelHeader.read(path)
    if spec.task not in USED or getattr(spec.data, BROUGHT[spec.task][0]) is None:
        remedy = "Leave data.model empty, or give data.query or data.bulk"
        raise SpecError("A trained model labels the cells of a query or takes bulk samples apart", spec.task, remedy)
    own = applied_spec(header, source, brought_by(spec), left_open(spec))
    for setting, value in differences(spec, own).items():
        if not setting.startswith(OF_THE_RUN):
            remedy = f"Set something below {' or '.join(SETTABLE[spec.task])}, or train again"
            raise SpecError(f"The model was trained with another {setting}", value, remedy)
    return TrainedModel.load(path)
