"""A finished run taken up again: its model and the cells that it was trained on, as they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError, RunError
from core.runs.run import Run
from core.specs import content_key

if TYPE_CHECKING:
    import numpy as np

    from core.data.align import Aligned
    from core.data.dataset import Dataset
    from core.model import TrainedModel


@dataclass(frozen=True)
class Finished:
    """``aligned``: (n_cells, n_genes), the model's genes. ``labels``: (n_cells,) names, or None without labels."""

    model: TrainedModel
    aligned: Aligned
    labels: np.ndarray | None

    def code(self) -> np.ndarray:
        """(n_cells, n_units)."""
        from core.training.predict import outputs

        return outputs(self.model.networks[0], self.model.transform.apply(self.aligned), names={"code"})["code"]


def finished(run: Run) -> Finished:
    """Read the model and the reference of ``run``, with the same quality filter as the run.

    Raises
    ------
    RunError
        If the run has no model.
    DataError
        If the reference is not the file that the run read.
    """
    from core.data.align import align
    from core.tasks.load import labels_or_none

    model = model_of(run)
    reference = reference_of(run)
    return Finished(model, align(reference, model.genes), labels_or_none(reference))


def model_of(run: Run) -> TrainedModel:
    """The trained model of ``run``.

    Raises
    ------
    RunError
        If there is none.
    """
    from core.model import TrainedModel

    if not run.model_path.exists():
        raise RunError("This run has no trained network yet", run.name, "Wait until it is finished, on the Runs page")
    return TrainedModel.load(run.model_path)


def run_key(run: Run) -> str:
    """Changes when the run is made again."""
    written = run.model_path.stat().st_mtime_ns if run.model_path.exists() else 0
    return content_key(run.directory.name, run.spec_path.read_text(), written)


def file_key(path: Path) -> str:
    """Changes when the file's content does.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError("The gene-set file cannot be read", str(path), f"{reason}; choose another file") from None


def reference_of(run: Run) -> Dataset:
    """The reference of ``run`` as it was trained on: all sources joined, with the same quality filter.

    Raises
    ------
    DataError
        If there is none, or it is not the file that the run read.
    """
    from core.data.join import joined, read_types
    from core.data.quality import apply
    from core.data.read import read
    from core.tasks.load import storage

    spec = run.spec.data
    if spec.reference is None:
        raise DataError("The run names no file of cells", run.name, "Choose another run")
    dataset = read(spec.reference, "reference", storage(run.spec))
    if spec.more_references:
        others = [read(source, "reference") for source in spec.more_references]
        dataset = joined([dataset, *others], read_types(Path(spec.types)) if spec.types else None)
    known = run.summary.get("fingerprints", {}).get("reference", dataset.fingerprint)
    if dataset.fingerprint != known:
        raise DataError(
            "The reference file has changed since this run was trained", spec.reference.path, "Train again on the file"
        )
    return apply(dataset, spec.quality)[0]


def query_of(run: Run) -> Dataset:
    """The query of ``run`` as it was labelled, with the same quality filter.

    Raises
    ------
    DataError
        If there is none, or it is not the file that the run read.
    """
    from core.data.quality import apply
    from core.data.read import read
    from core.tasks.load import storage

    source = run.spec.data.query
    if source is None:
        raise DataError("The run names no query", run.name, "Choose another run")
    dataset = read(source, "query", storage(run.spec))
    if dataset.fingerprint != run.summary.get("fingerprints", {}).get("query", dataset.fingerprint):
        raise DataError("The query file has changed since it was labelled", source.path, "Label it again")
    return apply(dataset, run.spec.data.quality)[0]
