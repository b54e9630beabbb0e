"""Names in the tables of evidence that several modules must spell alike."""

from __future__ import annotations

NOT_ASSIGNED = "not assigned"
"""The group of query cells that keep no label."""
PREDICTED, CLUSTERS = "Predicted type", "Cluster"
"""Groupings of the query that are always looked at; the others are its own columns."""
MOST_GROUPS = 40
"""A column of the query with more categories is no grouping."""
TEXT = (
    "cell",
    "cell_type",
    "cluster",
    "gene",
    "grouping",
    "label",
    "marker_of",
    "query",
    "reference",
    "source",
    "space",
    "group",
)
"""Columns that hold names, even where every name is a number."""
