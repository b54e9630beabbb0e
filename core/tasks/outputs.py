"""Files that every verb writes: tables, results.h5ad, summary.json."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from core import keys
from core.data.blocks import pieces
from core.data.dataset import Dataset
from core.data.normalise import Matrix, library_size, normalised, values_of
from core.export.adata import LevelLabels, assemble, write_adata
from core.files import write_json
from core.runs.measured import measured
from core.runs.run import Run
from core.tasks.pictures import Pictures

PACKAGES = ("torch", "scanpy", "anndata", "numpy", "scikit-learn", "umap-learn")


def code_table(code: np.ndarray, cells: Sequence[str] | pd.Index) -> pd.DataFrame:
    """cell, unit_1 ... unit_K."""
    units = pd.DataFrame(code, columns=pd.Index(unit_names(code.shape[1])))
    units.insert(0, "cell", np.asarray(cells))
    return units


def unit_names(n: int) -> list[str]:
    """unit_1 ... unit_n."""
    return [f"unit_{number + 1}" for number in range(n)]


def write_cells(
    run: Run,
    dataset: Dataset,
    *,
    code: np.ndarray | None = None,
    drawn: Pictures | None = None,
    annotation: pd.DataFrame | None = None,
    probabilities: pd.DataFrame | None = None,
    composition: pd.DataFrame | None = None,
    impact: pd.DataFrame | None = None,
    levels: LevelLabels | None = None,
    votes: pd.DataFrame | None = None,
) -> None:
    """Write results.h5ad: log expression in X, counts as a layer, and the results under ``core.keys``.

    Parameters
    ----------
    code
        (n_cells, n_units).
    annotation, probabilities, composition
        As in their CSV files, one row for each cell or sample in the order of ``dataset``.
    levels, votes
        Labels at every level, and what the vote was, where there are levels and votes.
    impact
        Gene set x code unit.
    """
    import anndata

    values, library = values_of(dataset), None
    if dataset.unit == "counts":
        library = library_size(values, "counts")
    given: Any = dataset.adata
    kept = {name: colours for name, colours in given.uns.items() if name.endswith("_colors")}
    cells = anndata.AnnData(None, given.obs.copy(), given.var.copy(), obsm=dict(given.obsm), uns=kept)
    blocks: Iterable[dict[str, Any]] | None = None
    if dataset.blocks is not None:
        blocks = (_matrices(part, None if library is None else library[rows]) for rows, part in pieces(values))
    else:
        matrices = _matrices(values, library)
        cells.X = matrices.pop("X")
        cells.layers.update({name.removeprefix("layers/"): values for name, values in matrices.items()})
    made = assemble(
        cells,
        annotation=annotation,
        probabilities=probabilities,
        code=code,
        code_umap=drawn.code if drawn else None,
        input_umap=drawn.genes if drawn else None,
        composition=composition,
        impact=impact,
        about=about(run),
        levels=levels,
        votes=votes,
    )
    write_adata(made, run.results_path, blocks=blocks)


def _matrices(values: Matrix, library: np.ndarray | None) -> dict[str, Any]:
    """Log expression, and the counts that it was made from, where ``library`` (n_cells,) says that they are."""
    if library is None:
        return {"X": values}
    return {"X": normalised(values, "counts", "log1p_cp10k", library), f"layers/{keys.COUNTS}": values}


def about(run: Run) -> dict[str, Any]:
    """Settings and versions that made a run."""
    return {"run": run.name, "spec": run.spec.model_dump(mode="json"), "versions": versions()}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose numbers these are."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def training_facts(run: Run) -> dict[str, Any]:
    """Epochs and the watched value of each network, as the metrics have them."""
    best: dict[int, dict[str, Any]] = {}
    epochs: dict[int, int] = {}
    for record in (record for record in run.epochs() if not record.get("stage")):
        member = record.get("member", 0)
        epochs[member] = record["number"]
        if record["best"] or member not in best:
            best[member] = record
    kept = [record.get("validation") or record["train"] for record in best.values()]
    return {
        "networks": len(epochs),
        "epochs": list(epochs.values()),
        "best_epochs": [record["number"] for record in best.values()],
        "best": {term: float(np.mean([values[term] for values in kept])) for term in (kept[0] if kept else ())},
    }


def write_summary(run: Run, fingerprints: Mapping[str, str], **facts: Any) -> None:
    """Write summary.json: what was made of what, and what was found."""
    spec, status, probed = run.spec, run.status, measured(run.directory)
    write_json(
        run.summary_path,
        {
            "task": spec.task,
            "recipe": spec.recipe,
            "seed": spec.seed,
            **facts,
            "seconds": round(time.time() - status.started, 2),
            "device": status.device,
            "precision": probed.chosen if probed else spec.training.precision,
            "notes": list(status.notes),
            "fingerprints": dict(fingerprints),
            "versions": versions(),
        },
    )
