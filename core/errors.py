"""Errors a user can act on: what happened, which value, what to do."""

from __future__ import annotations

SHOWN_CHARACTERS = 200


class AppError(Exception):
    """A mistake or a mishap in three parts, in the words of the person at the desk.

    Parameters
    ----------
    what
        What happened, as a sentence.
    value
        The value that caused it, shown as ``Got ...``; ``None`` where there is none to show.
    remedy
        What to do about it, as a sentence.
    """

    def __init__(self, what: str, value: object = None, remedy: str = "") -> None:
        self.what = sentence(what)
        self.value = value
        self.remedy = sentence(remedy)
        super().__init__(str(self))

    def __str__(self) -> str:
        got = "" if self.value is None else f"Got {shown(self.value)}."
        return " ".join(part for part in (self.what, got, self.remedy) if part)

    def __reduce__(self) -> tuple:
        return type(self), (self.what, self.value, self.remedy)


class DataError(AppError):
    """A file or a table that cannot be used as it is."""


class SpecError(AppError):
    """A setting that is unknown, out of range or at odds with another one."""


class RunError(AppError):
    """A run that cannot start, go on or be read."""


class ProjectError(AppError):
    """A project folder that cannot be made, opened or written."""


class MissingExtraError(AppError):
    """An optional package that is not installed."""


def sentence(text: str) -> str:
    """``text`` with a full stop at its end."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def shown(value: object) -> str:
    """``value`` as a user reads it, cut where it would flood the page."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + " ..."
