"""The ordered genes a network sees, and how each was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

RANKS = ("reference_rank", "query_rank")
TRACE_COLUMNS = pd.Index(["rule", "round", "taken", "found"])
STEP_COLUMNS = pd.Index(["step", "genes"])


@dataclass(frozen=True)
class FeatureSpace:
    """Genes in the network's order and the search that found them.

    ``table``: gene, found_by, reference_rank, query_rank (1 = most variable in that set, missing where the set lacks
    the gene). ``trace``: rule, round, taken (features taken in that round), found (genes in hand after it).
    ``dropped``: how many genes each filter left out. ``steps``: what was asked of a gene and how many genes were left,
    in order; empty in searches that did not count them.
    """

    genes: tuple[str, ...]
    table: pd.DataFrame
    trace: pd.DataFrame
    rule: str
    target: int
    dropped: dict[str, int]
    steps: tuple[tuple[str, int], ...] = ()

    @property
    def step_table(self) -> pd.DataFrame:
        """step, genes: one row for each of ``steps``."""
        return pd.DataFrame(list(self.steps), columns=STEP_COLUMNS)

    @property
    def reached(self) -> bool:
        """Whether the search found as many genes as asked for."""
        return len(self.genes) >= self.target

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, fit for JSON."""
        table = self.table.astype({rank: object for rank in RANKS})
        return {
            "genes": list(self.genes),
            "table": table.where(table.notna(), None).to_dict(orient="list"),
            "trace": self.trace.to_dict(orient="list"),
            "rule": self.rule,
            "target": self.target,
            "dropped": dict(self.dropped),
            "steps": [list(step) for step in self.steps],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FeatureSpace:
        """The inverse of ``to_dict``."""
        table = pd.DataFrame(values["table"], columns=pd.Index(["gene", "found_by", *RANKS]))
        return cls(
            tuple(values["genes"]),
            table.astype({rank: "Int64" for rank in RANKS}),
            pd.DataFrame(values["trace"], columns=TRACE_COLUMNS),
            values["rule"],
            values["target"],
            dict(values["dropped"]),
            tuple((str(asked), int(left)) for asked, left in values.get("steps", ())),
        )
