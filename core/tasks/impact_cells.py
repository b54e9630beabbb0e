"""The cells that impact is asked about: all of them, those of a label, a selection, or the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.data.align import Aligned
from core.errors import DataError
from core.interpretation.saliency import sample_of_each
from core.tasks.finished import Finished
from core.tasks.impact_names import MIXED, REST, SELECTION, title


@dataclass(frozen=True)
class Cells:
    """Cells, or simulated samples, with the groups that they fall into.

    ``selections``: name -> (n_cells,), bool.
    """

    own: Finished
    selections: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def labels(self) -> np.ndarray:
        """(n_cells,) labels.

        Raises
        ------
        DataError
            If there are none.
        """
        if self.own.labels is None:
            raise DataError("The cells of this run have no labels", None, "Choose the label column on the Data page")
        return self.own.labels

    def aligned(self, rows: np.ndarray) -> Aligned:
        """The cells in ``rows``, ascending, each once; not copied where they are all."""
        return self.own.aligned if len(rows) == len(self._mixed) else self.own.aligned.rows(rows)

    @property
    def whole(self) -> np.ndarray:
        """Rows of all cells; where samples were simulated, of those that hold all types."""
        mixed = self._mixed
        return np.flatnonzero(mixed) if mixed.any() else np.arange(len(mixed))

    @property
    def labelled(self) -> np.ndarray:
        """Rows of all cells that a group may hold."""
        return np.flatnonzero(~self._mixed)

    def is_label(self, group: str) -> bool:
        """Whether ``group`` names a label."""
        return self.own.labels is not None and group != MIXED and bool((self.own.labels == group).any())

    def rows(self, group: str) -> np.ndarray:
        """Rows of the cells of a label, or of a selection.

        Raises
        ------
        DataError
            If no cell belongs to it.
        """
        return np.flatnonzero(self._mask(group))

    def pair(self, first: str, second: str, most: int | None, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Rows of two groups, a sample of them where there are more than wanted.

        Parameters
        ----------
        first, second
            Labels or selections; the second may be `REST`.
        most
            Cells wanted: of each group, or of both together where one is the rest of the other.
        rng
            Draws the sample.

        Raises
        ------
        DataError
            If no cell belongs to one of them.
        """
        if second != REST or self.is_label(REST):
            rows = self.rows(first), self.rows(second)
            return tuple(each[sample_of_each(np.zeros(len(each)), most, rng)] for each in rows)
        inside, known = self._mask(first), self.labelled
        if inside[known].all():
            raise DataError("There is no other cell to compare with", title(first), "Choose a smaller group")
        strata = self.labels[known] if self.is_label(first) else inside[known].astype(str)
        drawn = known[sample_of_each(strata, most, rng)]
        return drawn[inside[drawn]], drawn[~inside[drawn]]

    @property
    def _mixed(self) -> np.ndarray:
        n = self.own.aligned.values.shape[0]
        return np.zeros(n, dtype=bool) if self.own.labels is None else np.asarray(self.own.labels == MIXED)

    def _mask(self, group: str) -> np.ndarray:
        if self.is_label(group):
            return np.asarray(self.labels == group)
        name = group.removeprefix(SELECTION)
        if name != group:
            if name not in self.selections:
                raise DataError("There is no such selection", name, "Save one on the Embedding page")
            if self.selections[name].any():
                return self.selections[name]
            raise DataError("No cell of this run is in the selection", name, "Choose another selection")
        raise DataError(
            "No cell of the reference has this label",
            group,
            f"Choose one of: {', '.join(sorted(set(map(str, self.labels)) - {MIXED}))}",
        )
