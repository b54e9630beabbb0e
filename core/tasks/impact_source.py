"""Which cells or samples of a finished run impact is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from core.composition.inputs import on_selected_genes
from core.errors import DataError
from core.results import Results
from core.runs.run import Run
from core.specs import AnnotateSpec, DeconvolveSpec
from core.tasks.composition_reference import reference_shown
from core.tasks.evidence_sets import sets_of
from core.tasks.finished import Finished, finished
from core.tasks.impact_cells import Cells
from core.tasks.impact_names import MIXED, SELECTION

if TYPE_CHECKING:
    from core.saved import Saved


def cells_of(run: Run, groups: Sequence[str], saved: Saved | None) -> Cells:
    """The cells that ``groups`` are taken from.

    A composition network knows samples of many cells, so it is asked about simulated ones: of all types mixed where no
    type is named, else of each type alone, from cells that no network learned from. A selection is one of the cells in
    the run's own pictures: of a run that labels a query, these are the query's, with the labels they were given. In
    all other cases it is the reference.

    Parameters
    ----------
    run
        The run.
    groups
        Labels, selections, or the rest.
    saved
        Selections that were kept of the run; ``None`` where there can be none.

    Raises
    ------
    RunError, DataError
        If a file is gone or has changed since, or there is no such selection.
    """
    if run.spec.task == "deconvolve":
        return Cells(samples(run))
    named = [group.removeprefix(SELECTION) for group in groups if group.startswith(SELECTION)]
    own = finished(run) if run.spec.task == "represent" or not named else _query(run)
    known = [name for name in named if not Cells(own).is_label(f"{SELECTION}{name}")]
    if not known:
        return Cells(own)
    if saved is None:
        raise DataError("Selections belong to a project", known[0], "Give the folder of a run that lies in one")
    drawn = Results(run).obs.index
    if len(drawn) != own.aligned.values.shape[0]:
        raise DataError("The pictures show other cells than the file holds", len(drawn), "Run it again on the file")
    return Cells(own, {name: saved.selection(name, drawn) for name in known})


def samples(run: Run) -> Finished:
    """Simulated samples that a composition network is asked about: mixed ones, then those of each type alone.

    Their number is that of the gradients of the same networks, ``analysis.gradients.profiles`` for each type.
    """
    shown = reference_shown(run)
    each = cast("DeconvolveSpec", run.spec.analysis).gradients.profiles
    mixed, alone = shown.samples(each, mixed=True), shown.samples(each, mixed=False)
    aligned = on_selected_genes(np.concatenate([mixed.values, alone.values]), alone.unit, shown.model.genes)
    types = np.asarray(shown.types, dtype=object)[alone.own]
    return Finished(shown.model, aligned, np.concatenate([np.full(len(mixed.own), MIXED, dtype=object), types]))


def _query(run: Run) -> Finished:
    """The query as the run judged it, with the labels that it gave."""
    sets = sets_of(run)
    model = sets.model
    if cast("AnnotateSpec", run.spec.analysis).query_scaling == "query":
        model = replace(model, transform=model.transform.own(sets.judged))
    return Finished(model, sets.judged, sets.given)
