"""What a run's epochs say: which stage to look at, its curves, its best epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SPLITS = {"train": "training", "validation": "validation"}
OF_EPOCH = ("learning_rate", "gradient_norm", "cells_per_second")
"""Values of an epoch that know no split."""
MOST_POINTS = 400


def stage_shown(epochs: Sequence[Mapping[str, Any]]) -> str:
    """The stage whose curves are shown: the run's own networks, or the last stage where there are none of these."""
    if not epochs or any(not record.get("stage") for record in epochs):
        return ""
    return epochs[-1]["stage"]


def members(epochs: Sequence[Mapping[str, Any]], stage: str = "") -> list[int]:
    """Numbers of the networks trained in ``stage``, from 0."""
    return sorted({record.get("member", 0) for record in epochs if record.get("stage", "") == stage})


def chosen(epochs: Sequence[Mapping[str, Any]], stage: str = "", member: int | None = None) -> list[Mapping[str, Any]]:
    """The epochs of one network of ``stage``; of the last one where none is named."""
    found = members(epochs, stage)
    wanted = member if member in found else found[-1] if found else 0
    return [r for r in epochs if r.get("stage", "") == stage and r.get("member", 0) == wanted]


def best_epoch(epochs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The record with the best watched value so far."""
    return next((record for record in reversed(epochs) if record.get("best")), None)


def curves(epochs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of all values that can be drawn over the epochs: the total loss first, what has one line each last."""
    names = dict.fromkeys(name for record in epochs for split in SPLITS for name in record.get(split, {}))
    return ["loss", *(name for name in names if name != "loss"), *OF_EPOCH]


def curve(epochs: Sequence[Mapping[str, Any]], name: str = "loss") -> pd.DataFrame:
    """One row for each epoch and split: epoch, split (training or validation), and the value called ``name``."""
    import pandas as pd

    rows = [(record["number"], split, value) for record in epochs for split, value in _values(record, name)]
    return pd.DataFrame(rows, columns=pd.Index(["epoch", "split", name]))


def _values(record: Mapping[str, Any], name: str) -> list[tuple[str, float]]:
    if name in OF_EPOCH:
        return [("training", record[name])] if name in record else []
    return [(split, record[part][name]) for part, split in SPLITS.items() if name in record.get(part, {})]


def thinned(epochs: Sequence[Mapping[str, Any]], most: int = MOST_POINTS) -> list[Mapping[str, Any]]:
    """At most ``most`` of ``epochs``, evenly, with the first, the last and the best: a line on screen has no more."""
    if len(epochs) <= most:
        return list(epochs)
    step = (len(epochs) - 1) / (most - 2)
    rows = {round(step * number) for number in range(most - 1)}
    best = best_epoch(epochs)
    return [record for row, record in enumerate(epochs) if row in rows or record is best]


def terms(epochs: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pd.DataFrame:
    """One row for each epoch, split and term among ``names``: epoch, split, term, value (unweighted)."""
    import pandas as pd

    rows = [
        (record["number"], split, term, record[name][term])
        for term in names
        for name, split in SPLITS.items()
        for record in epochs
        if term in record.get(name, {})
    ]
    return pd.DataFrame(rows, columns=pd.Index(["epoch", "split", "term", "value"]))


def unit_states(record: Mapping[str, Any], n_units: int) -> pd.DataFrame:
    """State of each code unit after an epoch: unit (from 1), state (working, saturated or silent)."""
    import pandas as pd

    found = record.get("units", {})
    silent, saturated = set(found.get("silent", ())), set(found.get("saturated", ()))
    states = ["silent" if u in silent else "saturated" if u in saturated else "working" for u in range(n_units)]
    return pd.DataFrame({"unit": range(1, n_units + 1), "state": states})


def unit_advice(record: Mapping[str, Any], n_units: int) -> str:
    """What the state of the code units means and what to do, as sentences."""
    found = record.get("units", {})
    silent, saturated = found.get("silent", ()), found.get("saturated", ())
    sentences = []
    if len(silent) == n_units:
        sentences.append("No unit answers to any cell: the network has learned nothing yet. Check the input's scale.")
    elif silent:
        verb = "answers" if len(silent) == 1 else "answer"
        sentences.append(f"{_units(silent)} {verb} to no cell. Fewer units or a higher learning rate may help.")
    if saturated:
        verb = "stays" if len(saturated) == 1 else "stay"
        sentences.append(
            f"{_units(saturated)} {verb} at a bound in nearly all cells. A lower learning rate, a norm or another "
            "activation may help."
        )
    return " ".join(sentences) or "Every unit answers differently to different cells."


def _units(numbers: Sequence[int], most: int = 5) -> str:
    names = [str(number + 1) for number in numbers]
    if len(names) == 1:
        return f"Unit {names[0]}"
    if len(names) > most:
        return f"{len(names)} units ({', '.join(names[:3])} ...)"
    return f"Units {', '.join(names[:-1])} and {names[-1]}"
