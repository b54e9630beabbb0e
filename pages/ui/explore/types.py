"""What is known about each label: scores on held-out cells, confusion, reliability, and the votes of clusters."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from core.annotation.backoff import SAFE
from core.annotation.refusal import type_table
from core.figures.annotation import confusion_heatmap, reliability
from core.tasks.colours import run_colours
from pages.ui import show, theme
from pages.ui.explore import levels
from pages.ui.explore.bridge import bridge
from pages.ui.explore.labels import Choice, results_at

HEIGHT = 276
NAMED = 3
"""Types of a cluster that are named with their share of its votes."""
PRECISION = (
    "Precision: share of the cells called so that are. Recall: share of the cells that are so and were called so. Both "
    "were measured on reference cells kept apart from training, all of them labelled."
)
LEVELS = (
    "Right: of all held-out cells, labelled at this level. Safe from: the probability from which a label is safe. "
    "Given: the cells whose deepest safe label is here, and how many of these are right. In 90 % set: labels in a set "
    "that holds the true one in 90 % of cells."
)
PROBABILITY = "Mean over the cells that got this label."
VOTE = "Mean share of the voters for the label that their cells got. The vote decides labels, not probabilities."


def types(choice: Choice) -> None:
    """The card with a table, the confusion and the reliability of the held-out cells."""
    views = {"Table": table, "Confusion": _confusion, "Reliability": _reliability}
    if choice.level:
        views["Levels"] = _levels
    if choice.results.has("vote_clusters"):
        views["Clusters"] = _clusters
    if choice.results.has("bridge_types"):
        views["Bridge"] = bridge
    wide = len(views) > 3
    with show.card(
        "Per type", help=PRECISION, subtitle="Held-out cells" if wide else "Checked on held-out reference cells"
    ) as card:
        way = card.actions.segmented_control(
            "Show", list(views), default="Table", required=True, label_visibility="collapsed", key="types-shown"
        )
        views[str(way)](choice)


def table(choice: Choice, height: int = HEIGHT, *, confused: bool = True) -> None:
    """Every label shown with its query cells and its scores on held-out cells; ``confused``: what it is taken for."""
    results, shown = choice.results, choice.shown
    if choice.level:
        scores, pairs = results_at(choice, "level_per_type"), results_at(choice, "level_confusion", "known")
    else:
        scores, pairs = results.table("per_type"), results.table("confusion")
    found = type_table(shown, scores, pairs)
    shades = run_colours(results, theme.current())
    columns: dict[str, show.Column | str] = {
        "cell_type": show.Column("Cell type", "swatch", colours=shades),
        "cells": show.Column("Cells", "number", help="Query cells that got this label."),
        # beside the share of the votes there is no room for bars
        "probability": show.Column("Probability", "number", ".2f", help=PROBABILITY)
        if results.has("votes")
        else show.Column("Mean probability", "meter"),
    }
    if results.has("votes"):
        votes = results.table("votes")["vote_fraction"].groupby(shown["cell_type"]).mean().to_dict()
        found["vote"] = [votes.get(name) for name in found["cell_type"]]
        columns["vote"] = show.Column("Vote", "number", ".2f", help=VOTE)
    columns |= {
        "precision": show.Column("Precision", "number", ".2f"),
        "recall": show.Column("Recall", "number", ".2f"),
        "f1": show.Column("F1", "number", ".2f", help="Harmonic mean of precision and recall."),
    }
    if confused:
        columns["mixed_up_with"] = "Mixed up with"
    show.table(found, columns, key=f"types-{results.run.directory.name}-{choice.level}", height=height)


def _confusion(choice: Choice) -> None:
    table = choice.results.table("confusion") if not choice.level else _of_level(choice, "level_confusion")
    counts = table.pivot(index="known", columns="called", values="cells").fillna(0)
    names = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=names, columns=names, fill_value=0)
    fig = confusion_heatmap(counts, theme.current(), bar=False)
    show.figure(fig, "confusion", table=table, alt="Label given by true type")


def _reliability(choice: Choice) -> None:
    table = choice.results.table("reliability") if not choice.level else _of_level(choice, "level_reliability")
    table = table.dropna()
    fig = reliability(table, theme.current())
    show.figure(fig, "reliability", table=table, height=HEIGHT - 44, alt="Share of right labels by probability given")
    st.html(
        '<p class="cd-text cd-muted">On the dashed line a probability means what it says. '
        "Larger dots stand for more cells.</p>"
    )


def _levels(choice: Choice) -> None:
    results = choice.results
    table = results.table("levels").iloc[::-1]
    depth = Counter(results.table("label_levels")["safe_level"][choice.annotation["assigned"]])
    table = table.assign(cells=[depth[name] for name in table["level"]])
    columns = {
        "level": "Level",
        "accuracy": show.Column("Right", "number", ".3f"),
        "threshold": show.Column("Safe from", "number", ".2f"),
        "reported": show.Column("Given", "number", ".3f"),
        "reported_right": show.Column("Given, right", "number", ".3f"),
        "size_90": show.Column("In 90 % set", "number", ".2f"),
        "cells": show.Column("Query cells", "number"),
    }
    show.table(table, columns, key=f"levels-{results.run.directory.name}")
    show.text(LEVELS, muted=True)
    answer = results.table("level_answers").set_index("answer")
    shown = [*reversed(levels.names(results)), SAFE]
    show.text("Hierarchical F1, in which every right ancestor counts", strong=True)
    show.key_values({name: f"**{answer.loc[name, 'hierarchical_f1']:.3f}**" for name in shown})


def _clusters(choice: Choice) -> None:
    table = choice.results.table("vote_clusters")
    rows = []
    for cluster, part in table.groupby("cluster", sort=False):
        first = part.sort_values("called", ascending=False, kind="stable").iloc[0]
        ballots = part.sort_values("vote_fraction", ascending=False, kind="stable").head(NAMED)
        said = [f"{name} {100 * share:.0f} %" for name, share in ballots[["cell_type", "vote_fraction"]].to_numpy()]
        rows.append(
            {
                "cluster": cluster,
                "cells": int(first["cells"]),
                "called": first["cell_type"],
                "share": first["vote_fraction"],
                "votes": ", ".join(said),
                "voted": "yes" if first["voted"] else "too small",
            }
        )
    columns = {
        "cluster": "Cluster",
        "cells": show.Column("Cells", "number"),
        "called": show.Column("Most get", help="The commonest label of its cells in the end."),
        "share": show.Column("Vote", "meter", help="Share of its cells whose own best type this is."),
        "votes": "Votes",
        "voted": show.Column("Voted", help="Cells of small clusters keep their own type: they may be rare."),
    }
    show.table(pd.DataFrame(rows), columns, key=f"clusters-{choice.results.run.directory.name}", height=HEIGHT)


def _of_level(choice: Choice, name: str) -> pd.DataFrame:
    """A table by level at the level shown; as deep as is safe, at the finest."""
    finest = levels.names(choice.results)[-1]
    table = choice.results.table(name)
    return table.loc[table["level"] == (finest if choice.level == SAFE else choice.level)].drop(columns="level")
