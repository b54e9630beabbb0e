"""The search that would start now: kept in the project, as the draft is."""

from __future__ import annotations

from core.errors import SpecError
from core.project import Project
from core.search.offers import offers, proposed
from core.specs import Dimension, RunSpec, SearchSpec, parse

NOTE = "search"
FIRST = "training.learning_rate"
WORDS = {"macro_f1": "macro F1", "proportion_mae": "error of proportions", "proportion_ccc": "concordance"}


def plan(project: Project, draft: RunSpec) -> SearchSpec:
    """The search as it was set up last; at first the learning rate, judged by what training watches."""
    kept = project.note(NOTE)
    if kept is not None:
        try:
            return parse(SearchSpec, kept)
        except SpecError:
            pass  # written by another version: begin anew
    watched = draft.objective.watched
    metric = draft.training.monitor if draft.training.monitor in watched else watched[0]
    return parse(SearchSpec, {"dimensions": [proposed(draft, FIRST).model_dump()], "metric": metric})


def keep(project: Project, search: SearchSpec) -> None:
    """Remember ``search`` as the one to start next."""
    project.note(NOTE, search.model_dump(mode="json"))


def addable(search: SearchSpec, draft: RunSpec) -> dict[str, str]:
    """Path -> title of the settings that may still be added."""
    taken = set(search.paths)
    return {each.path: each.title for each in offers(draft, search.metric) if each.path not in taken}


def with_dimension(search: SearchSpec, made: Dimension) -> SearchSpec:
    """``search`` with ``made`` in place of the dimension of the same setting, or at the end.

    Raises
    ------
    SpecError
        If the dimensions no longer agree.
    """
    others = [made if each.path == made.path else each for each in search.dimensions]
    return _with(search, others if made.path in search.paths else [*others, made])


def without_dimension(search: SearchSpec, path: str) -> SearchSpec:
    """``search`` without the setting at ``path``."""
    return _with(search, [each for each in search.dimensions if each.path != path])


def metric_words(name: str) -> str:
    """A watched value in words."""
    return WORDS.get(name, name.replace("_", " "))


def _with(search: SearchSpec, dimensions: list[Dimension]) -> SearchSpec:
    return parse(SearchSpec, {**search.model_dump(), "dimensions": [each.model_dump() for each in dimensions]})
