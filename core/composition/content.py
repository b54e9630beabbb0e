"""How much mRNA the cells of each type bring into a mixture: as counted, alike, or as a person says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.errors import SpecError

if TYPE_CHECKING:
    from core.specs.composition import DeconvolveSpec

MOST = 1000.0


def cell_factors(
    library: np.ndarray, codes: np.ndarray, labels: Sequence[str], spec: DeconvolveSpec
) -> np.ndarray | None:
    """What the counts of each cell are multiplied by before cells are mixed; ``None`` where nothing is to be done.

    Parameters
    ----------
    library
        (n_cells,), counts of each cell over all genes.
    codes
        (n_cells,), number of each cell's type in ``labels``.

    Returns
    -------
    (n_cells,), 1 on average where cells are made alike.

    Raises
    ------
    SpecError
        If a line of ``spec.mrna_factors`` names no type or holds no positive number.
    """
    given = factors_by_type(spec.mrna_factors, labels)
    if spec.mrna == "measured" and (given == 1).all():
        return None
    alike = library.mean() / np.maximum(library, 1) if spec.mrna == "equal" else np.ones(len(library))
    return alike * given[codes]


def factors_by_type(lines: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """(n_types,), factors from lines such as ``B cells: 1.5``; 1 for types without a line.

    Raises
    ------
    SpecError
        If a line names no type or holds no positive number.
    """
    factors = np.ones(len(labels))
    position = {str(label): number for number, label in enumerate(labels)}
    for line in lines:
        label, _, word = line.rpartition(":")
        if label.strip() not in position:
            raise SpecError("An mRNA factor names no cell type", line, f"Use one of: {', '.join(labels)}")
        try:
            factor = float(word)
        except ValueError:
            factor = 0.0
        if not 0 < factor <= MOST:
            raise SpecError("An mRNA factor does not fit", line, f"Write TYPE: FACTOR, 0 to {MOST:g}, as B: 1.5")
        factors[position[label.strip()]] = factor
    return factors
