"""What was found in a file, in plain words, with what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.specs import ROLES, Role

Kind = Literal["choose", "note", "fine"]
KINDS: tuple[Kind, ...] = ("choose", "note", "fine")
NOTHING_TO_DO = "Nothing to do"


@dataclass(frozen=True)
class Finding:
    """One line of the check list.

    Parameters
    ----------
    kind
        ``choose``: a person should decide. ``note``: something was done or is worth knowing. ``fine``: in order.
    role
        The data set it was found in, or ``all``.
    what
        What was found, as a sentence with its numbers.
    remedy
        What can be done about it.
    key
        A short name that stays the same between runs.
    setting
        Path of the setting that the remedy changes, such as ``data.query.gene_column``.
    value
        The value that the remedy gives to the setting.
    items
        The genes, cells or labels that are meant, where there is a list to show.
    """

    kind: Kind
    role: Role | Literal["all"]
    what: str
    remedy: str
    key: str
    setting: str | None = None
    value: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class ValidationReport:
    """All findings: choices first, then notes, then what is fine; within each by data set, then as they were found."""

    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        roles = (*ROLES, "bridge", "all")
        ordered = sorted(self.findings, key=lambda found: (KINDS.index(found.kind), roles.index(found.role)))
        object.__setattr__(self, "findings", tuple(ordered))

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(found for found in self.findings if found.kind == kind)

    def find(self, key: str) -> Finding | None:
        """The first finding with this key."""
        return next((found for found in self.findings if found.key == key), None)

    def with_findings(self, more: Iterable[Finding]) -> ValidationReport:
        """A report that holds ``more`` as well."""
        return ValidationReport((*self.findings, *more))

    def to_json(self) -> list[dict[str, Any]]:
        """One plain dictionary for each finding."""
        return [{**asdict(found), "items": list(found.items)} for found in self.findings]

    @classmethod
    def from_json(cls, rows: str | Iterable[dict[str, Any]]) -> ValidationReport:
        """The report behind ``to_json``, given as rows or as JSON text."""
        plain: Iterable[dict[str, Any]] = json.loads(rows) if isinstance(rows, str) else rows
        return cls(tuple(Finding(**{**row, "items": tuple(row["items"])}) for row in plain))
