"""Several files of one role: the first has a field of its own, the further ones lie in a list beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.specs.data import DataSpec, Role, SourceSpec

FURTHER: Mapping[str, str] = {"reference": "more_references", "bulk": "more_bulk"}
"""Field that holds the further files of a role, of those that may have several."""


def files(data: DataSpec, role: Role) -> tuple[SourceSpec, ...]:
    """All files of ``role``, the first one first; none where there is none."""
    first: SourceSpec | None = getattr(data, role)
    further: Sequence[SourceSpec] = getattr(data, FURTHER[role]) if role in FURTHER else ()
    return tuple(source for source in (first, *further) if source is not None)


def place(role: Role, at: int) -> str:
    """Path of the file number ``at`` of ``role``: ``data.bulk`` for the first, then ``data.more_bulk.0``."""
    return f"data.{role}" if at == 0 else f"data.{FURTHER[role]}.{at - 1}"


def with_files(data: DataSpec, role: Role, sources: Sequence[SourceSpec]) -> DataSpec:
    """``data`` with ``sources`` as all files of ``role``."""
    update: dict[str, object] = {role: sources[0] if sources else None}
    if role in FURTHER:
        update[FURTHER[role]] = tuple(sources[1:])
    return data.model_copy(update=update)


def distinctly_named(sources: Sequence[SourceSpec]) -> tuple[SourceSpec, ...]:
    """``sources`` with names of which no two are alike: one that is taken gets a number, as in ``blood 2``."""
    taken: set[str] = set()
    named = []
    for source in sources:
        name, number = source.called, 1
        while name in taken:
            number += 1
            name = f"{source.called} {number}"
        taken.add(name)
        named.append(source if name == source.called else source.model_copy(update={"name": name}))
    return tuple(named)
