"""What a model file says of itself: read from its head alone, without its weights and without torch."""

from __future__ import annotations

import json
import struct
import time
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import RunError, SpecError
from core.specs import RunSpec, parse

FORMAT, FIRST_FORMAT = 2, 1
"""The newest format, which holds models of further references, and the one of a single reference."""
LARGEST_HEAD = 100_000_000
"""Bytes that a head may have: as safetensors itself allows."""
TRAINED = "trained"
"""The entry of ``about`` that says when the model was trained."""
USES = {"annotate": "label cells", "deconvolve": "take bulk samples apart"}
"""What a trained model can do without training, by the task that it was trained for."""
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class ModelHeader:
    """Settings, genes and types of a model.

    Attributes
    ----------
    spec
        The run that trained it.
    genes, classes
        In the network's order; those of all references, the first's before what the others add.
    members
        Number of networks of each reference.
    references
        References that it learned from, each by itself.
    about
        Further words: when it was trained, what it holds of its reference; empty in older files.
    """

    spec: RunSpec
    genes: tuple[str, ...]
    classes: tuple[str, ...]
    members: int
    about: Mapping[str, Any] = field(default_factory=dict)
    references: int = 1

    @classmethod
    def read(cls, path: Path) -> ModelHeader:
        """The head of a model file.

        Raises
        ------
        RunError
            If the file is no model of CellDesk, is damaged, or was written by a newer version.
        SpecError
            If a setting in it is not known.
        """
        facts = model_facts(path)
        try:
            each = [facts, *facts.get("further", ())]
            return cls(
                spec=parse(RunSpec, facts["spec"]),
                genes=_together(own["features"]["genes"] for own in each),
                classes=_together(own["classes"] for own in each),
                members=int(facts["members"]),
                about=dict(facts["about"]),
                references=len(each),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise damaged(path, error) from None

    @property
    def trained(self) -> float | None:
        """When it was trained, seconds since 1970; ``None`` in older files."""
        try:
            return float(timegm(time.strptime(str(self.about.get(TRAINED, "")), MOMENT)))
        except ValueError:
            return None

    def require(self, *tasks: str) -> None:
        """Refuse a model that was not trained for one of ``tasks``.

        Raises
        ------
        SpecError
            If it was trained for another.
        """
        if self.spec.task not in tasks:
            done = " or ".join(USES.get(task, task) for task in tasks)
            remedy = f"Choose a model made by {' or '.join(tasks)}"
            raise SpecError(f"This model was not trained to {done}", self.spec.task, remedy)


def _together(parts: Iterable[Iterable[Any]]) -> tuple[str, ...]:
    """All names in ``parts``, each once, in their order."""
    return tuple(dict.fromkeys(str(name) for part in parts for name in part))


def now() -> str:
    """The present moment as ``about`` holds it."""
    return time.strftime(MOMENT, time.gmtime())


def model_facts(path: Path) -> dict[str, Any]:
    """All that a model file holds beside its numbers, as plain values.

    Raises
    ------
    RunError
        If the file is not there, is no model of CellDesk, or was written by a newer version.
    """
    remedy = "Choose a model.safetensors that CellDesk wrote"
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(LARGEST_HEAD, path.stat().st_size):
                raise ValueError("it has no head")
            facts = json.loads(json.loads(file.read(length))["__metadata__"]["celldesk"])
            newer = facts["format"] > FORMAT
    except FileNotFoundError:
        raise RunError("The model file is not there", str(path), "Check the path") from None
    except (OSError, struct.error, KeyError, TypeError, ValueError, RecursionError):
        raise RunError("This file is not a CellDesk model", str(path), remedy) from None
    if newer:
        raise RunError("The model was written by a newer CellDesk", facts["format"], "Update CellDesk")
    return facts


def damaged(path: Path, error: Exception) -> RunError:
    """What is said of a model file whose parts do not fit together."""
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return RunError("The model file is damaged", f"{path.name}: {said}", "Copy it once more from where it was made")
