"""Which settings of a run a search may vary, and values around the present one to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import SpecError
from core.runs.differences import setting_title
from core.specs import Dimension, RunSpec, Spec, at, parse
from core.specs.field_paths import bounds_of, choices_of, field_at, whole_numbers
from core.specs.search import incomparable

PARTS = ("training", "network", "objective", "features", "data.transform", "analysis")
"""Where settings are looked for, those that matter most first."""
UNOFFERED = ("training.monitor", "training.precision", "training.replay_frames")
"""Settings that can be searched, but hardly by what they do to the validation value."""
FACTOR, FEWEST_BY_FACTORS = 4, 8
DECADES = 10.0
SMALLEST, LARGEST_SMALL = 1e-6, 1e-2
"""Ends of a weight that is off now."""
SHARE, MOST_SHARE = 0.5, 0.95


@dataclass(frozen=True)
class Offer:
    """A setting that a search may vary: its path, its title in a sentence, and its present value."""

    path: str
    title: str
    value: Any


def offers(base: RunSpec, metric: str) -> list[Offer]:
    """Every setting of ``base`` whose trials ``metric`` can compare."""
    found = []
    for part in PARTS:
        for path, value in _leaves(at(base, part), part):
            if _searchable(path) and not incomparable(metric, path, base):
                found.append(Offer(path, setting_title(path), value))
    return found


def proposed(base: RunSpec, path: str) -> Dimension:
    """Values of the setting at ``path`` around its present one, within its own bounds.

    Raises
    ------
    SpecError
        If it is no setting that a search can vary.
    """
    value = at(base, path)
    known = choices_of(path)
    if known:
        return parse(Dimension, {"path": path, "kind": "choices", "choices": known})
    low, high, log = _whole_range(value) if whole_numbers(path) else _range(path, value)
    least, most = bounds_of(path)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return parse(Dimension, {"path": path, "low": low, "high": high, "log": log and low > 0})


def _whole_range(value: int | None) -> tuple[float, float, bool]:
    if value is None:
        return 5, 50, False
    if value >= FEWEST_BY_FACTORS:
        return max(1, value // FACTOR), value * FACTOR, True
    return max(1, value - FACTOR), value + FACTOR, False


def _range(path: str, value: float | None) -> tuple[float, float, bool]:
    _, most = bounds_of(path)
    extra = field_at(path).json_schema_extra
    by_factors = isinstance(extra, dict) and bool(extra.get("log"))
    if not by_factors and most is not None and most <= 1:
        return 0.0, min(max(SHARE, 2 * (value or 0.0)), most, MOST_SHARE), False
    if not value:
        return (SMALLEST, LARGEST_SMALL, True) if by_factors else (1 / DECADES, DECADES, True)
    return float(f"{value / DECADES:.3g}"), float(f"{value * DECADES:.3g}"), True


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every setting below ``path`` that has no settings of its own, and its value."""
    if isinstance(value, Spec):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, tuple) and value and isinstance(value[0], Spec):
        for number, each in enumerate(value):
            yield from _leaves(each, f"{path}.{number}")
    else:
        yield path, value


def _searchable(path: str) -> bool:
    """Whether the setting is a number, a choice or a switch that a search may vary."""
    if path in UNOFFERED:
        return False
    try:
        known = choices_of(path)
        if known:
            return bool(parse(Dimension, {"path": path, "kind": "choices", "choices": known}))
        parse(Dimension, {"path": path, **_ends(path)})
    except SpecError:
        return False
    return True


def _ends(path: str) -> dict[str, float]:
    """Two values within the bounds of a number, to see whether it is one."""
    least, most = bounds_of(path)
    low = (least or 0.0) + (0.01 if not whole_numbers(path) else 1)
    return {
        "low": low,
        "high": low + (0.01 if not whole_numbers(path) else 1) if most is None else max(low, most * 0.9),
    }
