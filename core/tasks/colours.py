"""The colours of a run's labels: one for each, on every page, in every picture, at every level."""

from __future__ import annotations

from collections.abc import Iterator

from core import keys
from core.figures.palette import NOT_ASSIGNED, label_colours
from core.figures.tokens import LIGHT, Theme
from core.results import Results


def run_colours(results: Results, theme: Theme = LIGHT) -> dict[str, str]:
    """One colour for every label that a run can give, so that it is the same whichever labels a chart shows.

    Types have theirs before groups of types, hence with levels or without; a group of one type has its type's.

    Returns
    -------
    Hex colours of all types, of the groups at coarser levels and of cells without a label.
    """
    own = _own(results)
    types, groups = _types(results), _groups(results)
    single = {label: members[0] for label, members in groups.items() if len(members) == 1 and label not in types}
    larger = [label for label in groups if label not in single]
    chosen = label_colours([*types, *larger, NOT_ASSIGNED], own, theme, first=types)
    return {**{label: chosen[name] for label, name in single.items()}, **chosen}


def _types(results: Results) -> list[str]:
    """The types that the run's network tells apart; where it tells none, the file's own."""
    types = [str(name) for name in results.run.summary.get("classes", ())]
    column = results.label_column
    return types or (sorted(set(results.obs[column].dropna().astype(str))) if column else [])


def _groups(results: Results) -> dict[str, list[str]]:
    """The types of each label of the coarser levels."""
    known = [str(name) for name in results.run.summary.get("levels", ())]
    if not known:
        return {}
    tree = results.table("hierarchy").astype(str)
    return {str(label): list(part[known[-1]]) for level in known[:-1] for label, part in tree.groupby(level, sort=True)}


def _own(results: Results) -> dict[str, str]:
    """Colours of the columns of labels that came with the file."""
    return {label: colour for column in _columns(results) for label, colour in results.colours(column).items()}


def _columns(results: Results) -> Iterator[str]:
    for source in (results.run.spec.data.reference, results.run.spec.data.query):
        if source is not None and source.label_column:
            yield source.label_column
    yield keys.LABEL
