"""What a design will ask for, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.composition.content import factors_by_type
from core.composition.mixtures import cell_range, planned
from core.composition.priors import guessed_ranges, prior_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.specs import DeconvolveSpec

SHOWN = 2_000
TYPE, SHARE, FROM, TO, FACTOR = "cell_type", "share", "from", "to", "mrna"


@dataclass(frozen=True)
class Preview:
    """Mixtures as they are planned.

    Attributes
    ----------
    shares
        Mixtures x cell types, rows sum to 1.
    set
        (n,), name of the set that each mixture belongs to.
    sets
        Names of the sets, with the share of the mixtures that belong to each.
    """

    shares: pd.DataFrame
    set: np.ndarray
    sets: dict[str, float]

    def of(self, name: str) -> pd.DataFrame:
        """The mixtures of one set."""
        return self.shares.loc[self.set == name]


def preview(cells: Mapping[str, int], spec: DeconvolveSpec, seed: int, n: int = SHOWN) -> Preview:
    """``n`` mixtures as the design plans them.

    Parameters
    ----------
    cells
        Cells of each type in the reference.
    spec
        The settings.
    seed
        Fixes what is drawn.

    Raises
    ------
    SpecError
        If ranges, factors or cells per mixture do not fit.
    """
    labels, frequencies = _reference(cells)
    cell_range(spec)
    factors_by_type(spec.mrna_factors, labels)
    ranges = prior_ranges(spec.prior_ranges, labels, frequencies)
    wanted, design, names = planned(n, frequencies, spec, np.random.default_rng(seed), ranges)
    shares = pd.DataFrame(wanted / wanted.sum(axis=1, keepdims=True), columns=pd.Index(labels))
    sizes = np.bincount(design, minlength=len(names)) / n
    return Preview(shares, np.array(names, dtype=object)[design], dict(zip(names, sizes.tolist(), strict=True)))


def type_table(cells: Mapping[str, int], spec: DeconvolveSpec) -> pd.DataFrame:
    """One row for each type: cell_type, share (of the reference, 0 to 1), from and to (per cent), mrna (factor).

    Raises
    ------
    SpecError
        If ranges or factors name no type.
    """
    labels, frequencies = _reference(cells)
    ranges = prior_ranges(spec.prior_ranges, labels, frequencies)
    columns = {TYPE: labels, SHARE: frequencies, FROM: ranges[:, 0], TO: ranges[:, 1]}
    return pd.DataFrame({**columns, FACTOR: factors_by_type(spec.mrna_factors, labels)})


def lines_of(table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """``prior_ranges`` and ``mrna_factors`` as an edited ``type_table`` says; what is as guessed gets no line."""
    guessed = guessed_ranges(table[SHARE].to_numpy(float))
    rows = list(zip(table[TYPE], table[FROM], table[TO], table[FACTOR], guessed, strict=True))
    return {
        "prior_ranges": tuple(
            f"{name}: {int(low)}-{int(high)}" for name, low, high, _, own in rows if (low, high) != tuple(own)
        ),
        "mrna_factors": tuple(f"{name}: {factor:g}" for name, _, _, factor, _ in rows if factor != 1),
    }


def _reference(cells: Mapping[str, int]) -> tuple[Sequence[str], np.ndarray]:
    labels = sorted(cells)
    counts = np.array([cells[label] for label in labels], dtype=float)
    return labels, counts / counts.sum()
