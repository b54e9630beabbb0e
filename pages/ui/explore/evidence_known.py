"""Labels against known ones: the query's own where it has some, else held-out reference cells; at the level chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.annotation.agreement import agreement
from core.annotation.backoff import SAFE
from core.annotation.identity import flow, identity_table
from core.errors import DataError
from core.figures.annotation import confusion_heatmap
from core.figures.evidence import identity_heatmap
from core.figures.palette import NOT_ASSIGNED
from core.tasks import evidence_words as words
from core.tasks.level_view import of_level, on_the_way, raised
from pages.ui import show, theme
from pages.ui.explore import evidence, levels, types
from pages.ui.explore.labels import Choice, results_at

HEIGHT = 308
MAP, SCORES = "Map", "Per type"
IDENTITY_HELP = (
    "Every query cell that names its own type, also those without a label: nothing is left out of a row. The number "
    "beside a row is the share that keeps a label."
)
HELD_OUT = "Reference cells held out, all of them labelled"


def view(choice: Choice, less: int) -> None:
    """The card with the map of known against given labels, or the scores of each type; ``less``: pixels to give up."""
    results = choice.results
    column = results.run.summary.get("agreement_with_own_labels", {}).get("column")
    own = column is not None and column in results.obs
    scores = st.session_state.get("known-shown") == SCORES
    titles = {True: "Own labels against given ones", False: "Called against known types"}
    n = f"Query, all {len(choice.annotation):,} cells"
    with show.card(
        "Scores of each type" if scores else titles[own],
        help=types.PRECISION if scores else IDENTITY_HELP if own else None,
        subtitle=n if own and not scores else HELD_OUT,
        key="known",
    ) as card:
        card.actions.segmented_control(
            "Show", [MAP, SCORES], default=MAP, required=True, label_visibility="collapsed", key="known-shown"
        )
        needed = "per_type" if scores else "" if own else "confusion"
        if needed and not results.has(needed):
            show.text("An older version made the model file, which says nothing of held-out cells. Train again.")
        elif scores:
            types.table(choice, HEIGHT - less, confused=False)
        elif own:
            _own(choice, str(column), HEIGHT - less)
        else:
            _held_out(choice, HEIGHT - less)


def _own(choice: Choice, column: str, most: int) -> None:
    results, given = choice.results, choice.labels.astype(str).to_numpy()
    own, names = results.column(column).astype(str).to_numpy(), list(map(str, results.run.summary["classes"]))
    if choice.level and choice.level != SAFE:
        tree = results.table("hierarchy")
        own, names = raised(own, tree, choice.level), sorted(set(tree[choice.level].astype(str)))
    counts = identity_table(own, given, names, NOT_ASSIGNED)
    labelled = 1 - counts[NOT_ASSIGNED] / counts.sum(axis=1)
    table = flow(own, given).rename(columns={"group": "own_label", "label": "given_label"})
    figure = identity_heatmap(counts, list(labelled), theme.current(), bar=not choice.level)
    height = evidence.fitted(figure, most, len(counts))
    show.figure(figure, "own_labels", table=table, height=height, alt="Own labels against given labels")
    evidence.reading(_own_words(choice, own, names, column))


def _own_words(choice: Choice, own: np.ndarray, names: list[str], column: str) -> str:
    shown = choice.shown
    kept, called = shown["assigned"].to_numpy(bool), shown["cell_type"].to_numpy()
    if choice.level == SAFE:
        known = np.isin(own, names)
        right = on_the_way(own, called, choice.results.table("hierarchy"))
        return words.safe_words(right[known], kept[known], column) if known.any() else _none_shared()
    try:
        scores = agreement(own, called, names, kept)
    except DataError:
        return _none_shared()
    return words.identity_words({str(k): float(v) for k, v in scores.iloc[0].items()}, column)


def _none_shared() -> str:
    return "Reference and query have no name of a type in common."


def _held_out(choice: Choice, most: int) -> None:
    table = _confusion(choice)
    counts = table.pivot(index="known", columns="called", values="cells").fillna(0)
    names = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=names, columns=names, fill_value=0)
    figure = confusion_heatmap(counts, theme.current(), bar=False)
    height = evidence.fitted(figure, most, len(names))
    show.figure(figure, "confusion", table=table, height=height, alt="Called against known types")
    right = float(np.trace(counts.to_numpy()) / counts.to_numpy().sum())
    evidence.reading(
        f"{100 * right:.1f} % of held-out reference cells are called right. Where the query "
        "names its own types, in a label column chosen on the Data page, these stand here."
    )


def _confusion(choice: Choice) -> pd.DataFrame:
    """Cells held out by known and called label, at the level shown; as deep as is safe, at the finest."""
    if not choice.level:
        return choice.results.table("confusion")
    if choice.level != SAFE:
        return results_at(choice, "level_confusion", "known")
    finest = levels.names(choice.results)[-1]
    return of_level(choice.results.table("level_confusion"), choice.shown, finest, "known")
