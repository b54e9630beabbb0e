"""Prior ranges of proportions for the published design: given, or guessed from the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.errors import SpecError


def prior_ranges(lines: Sequence[str], labels: Sequence[str], frequencies: np.ndarray) -> np.ndarray:
    """Ranges of percentages from lines such as ``B cells: 5-15``; types without a line keep the guessed range.

    Parameters
    ----------
    lines
        One type and its range each.
    labels
        The types, in the order of the answer.
    frequencies
        (n_types,), shares of the reference cells, for the guess.

    Returns
    -------
    (n_types, 2), whole percent.

    Raises
    ------
    SpecError
        If a line names no type or holds no range from 0 to 100.
    """
    ranges = guessed_ranges(frequencies)
    position: Mapping[str, int] = {label: number for number, label in enumerate(labels)}
    for line in lines:
        label, _, span = line.rpartition(":")
        low, _, high = span.partition("-")
        if label.strip() not in position:
            raise SpecError("A range of proportions names no cell type", line, f"Use one of: {', '.join(labels)}")
        if not (low.strip().isdigit() and high.strip().isdigit() and int(low) <= int(high) <= 100 and int(high) > 0):
            raise SpecError("A range of proportions does not fit", line, "Write TYPE: FROM-TO in per cent, as B: 5-15")
        ranges[position[label.strip()]] = int(low), int(high)
    return ranges


def guessed_ranges(frequencies: np.ndarray) -> np.ndarray:
    """(n_types, 2), whole percent from half to twice each type's share of the reference, at least 1 wide.

    digitalDLSorteR asks the user for these ranges; the share of the reference stands in where none is given.
    """
    share = 100 * np.asarray(frequencies, dtype=float)
    low = np.floor(share / 2)
    return np.stack([low, np.clip(np.ceil(2 * share), low + 1, 100)], axis=1).astype(np.int64)
