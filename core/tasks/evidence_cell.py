"""Why one query cell is called what it is, and what a group of cells without a label expresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.align import Aligned
from core.data.normalise import Matrix
from core.embedding.selection import markers
from core.errors import DataError
from core.files import whole_folder, write_json
from core.interpretation.integrated import against, against_rest
from core.interpretation.why import genes_to_change, margins_replaced
from core.runs.run import Run
from core.tasks.evidence import FACTS, refuse
from core.tasks.evidence_decision import decision
from core.tasks.evidence_kept import Why, expressed_folder, why_folder
from core.tasks.evidence_reference import aligned_logarithms
from core.tasks.evidence_sets import Sets, sets_of
from core.tasks.evidence_types import keep_types, stored_types
from core.tasks.evidence_views import margin, mean_of_views, probabilities, seen_by
from core.tasks.type_averages import AVERAGE, Types

LEAST_EXPRESSING, SHARE_EXPRESSING = 3, 0.1
LEAST_LABELLED = 10
"""Labelled query cells of the nearest type that a group is compared with; with fewer, the reference stands in."""


def why(run: str, cell: str, other: str = "") -> dict[str, Any]:
    """Explain the call of one query cell, keep the tables in the run's folder and return the facts.

    Parameters
    ----------
    run
        The run's folder.
    cell
        Name of a query cell.
    other
        Type that the call is compared with; the second most probable by default.

    Raises
    ------
    SpecError
        If the run gave no labels, or nothing is known of its reference.
    DataError
        If there is no such cell, or the other type is not one of the reference's.
    """
    opened = Run(Path(run))
    refuse(opened)
    sets = sets_of(opened)
    found = _why(sets, stored_types(opened) or keep_types(sets), cell, other)

    def fill(folder: Path) -> None:
        found.genes.to_csv(folder / "genes.csv", index=False)
        found.margins.to_csv(folder / "margins.csv", index=False)
        write_json(folder / FACTS, found.facts)

    whole_folder(why_folder(opened, cell, other), fill)
    return dict(found.facts)


def expressed(run: str, cells: list[str], nearest: str, labels: str = "") -> str:
    """Compare a group of query cells with the cells of their nearest type, gene by gene, and keep the table.

    Parameters
    ----------
    run
        The run's folder.
    cells
        Names of query cells, two at least.
    nearest
        Type that they are nearest to. They are compared with the query's own cells of that label, so that nothing but
        the cells differs; where there are fewer than ten, with the reference's.
    labels
        annotation.csv as a person kept it; the run's own by default.

    Returns
    -------
    ``query`` or ``reference``: which cells of the type they were compared with.

    Raises
    ------
    DataError
        If there are fewer than two cells in the group or of the type.
    """
    opened = Run(Path(run))
    refuse(opened)
    sets = sets_of(opened, labels)
    inside = sets.query.adata.obs_names.isin(cells)
    labelled = (sets.given == nearest) & ~inside
    own = int(labelled.sum()) >= LEAST_LABELLED
    names = sets.shared_genes
    group = sets.query_logarithms(np.flatnonzero(inside), names)
    rest = (
        sets.query_logarithms(np.flatnonzero(labelled), names)
        if own
        else sets.reference.logarithms(_of_type(sets, nearest), names)
    )
    tested = np.flatnonzero(_often(group) | _often(rest))
    stacked = sparse.csr_matrix(sparse.vstack([group, rest]))[:, tested]
    table = markers(stacked, [names[gene] for gene in tested], np.arange(stacked.shape[0]) < group.shape[0])
    compared = "query" if own else "reference"

    def fill(folder: Path) -> None:
        table.to_csv(folder / "genes.csv", index=False)
        write_json(folder / FACTS, {"compared_with": compared})

    whole_folder(expressed_folder(opened, cells, nearest, labels), fill)
    return compared


def _often(values: Matrix) -> np.ndarray:
    """(n_genes,), whether three cells and one in ten have the gene: of fewer a rank test says too much."""
    cells = values.shape[0]
    wanted = max(min(LEAST_EXPRESSING, cells), SHARE_EXPRESSING * cells)
    return np.asarray((values != 0).sum(axis=0)).ravel() >= wanted


def _of_type(sets: Sets, name: str) -> np.ndarray:
    """Rows of the reference cells of a type.

    Raises
    ------
    DataError
        If none is at hand.
    """
    rows = np.flatnonzero(sets.known == name)
    if not len(rows):
        remedy = f"Choose a group whose nearest type has {LEAST_LABELLED} labelled query cells, or bring the reference"
        raise DataError("No reference cell of the type is at hand to compare with", name, remedy)
    return rows


def _why(sets: Sets, types: Types, cell: str, other: str) -> Why:
    model, members = sets.model, sets.members
    names = sets.query.adata.obs_names
    if cell not in names:
        raise DataError("The query has no such cell", cell, f"Use a name such as {names[0]}")
    called, other, row = _compared(sets, cell, other)
    first, second = model.classes.index(called), model.classes.index(other)
    number = int(cast("int", names.get_loc(cell)))
    one, views = seen_by(sets, number)
    goal, start = types.scaled[other].to_numpy(), types.scaled[AVERAGE].to_numpy()
    n = len(model.classes)
    label, label_spread = mean_of_views(members, views, start, against_rest(n)[[first]])
    lead, lead_spread = mean_of_views(members, views, goal, against(n, first, second))
    genes = pd.DataFrame(
        {
            "gene": model.genes,
            "for_label": label.values[0, 0],
            "spread": label_spread,
            "against_other": lead.values[0, 0],
            "spread_other": lead_spread,
            "value": _expression(one),
            "mean_label": types.expression[called].to_numpy(),
            "mean_other": types.expression[other].to_numpy(),
            "rank_label": types.rank[called].to_numpy(),
            "rank_other": types.rank[other].to_numpy(),
        }
    )
    genes.loc[~one.present, "value"] = np.nan
    order = np.argsort(-lead.values[0, 0], kind="stable")
    order = order[lead.values[0, 0][order] > 0]
    leads = [
        margins_replaced(margin(members, view, first, second), view.cell, goal + view.moved, order) for view in views
    ]
    margins, sure = np.mean(leads, axis=0), probabilities(sets, views)
    facts = {
        "cell": cell,
        "cell_type": called,
        "other": other,
        "probability": float(sure[first]),
        "other_probability": float(sure[second]),
        "assigned": bool(row["assigned"]),
        "logit": float(label.difference[0, 0]),
        "lead": float(margins[0]),
        "genes_to_change": genes_to_change(margins),
        "tried": len(margins) - 1,
        "largest_gap": float(max(np.abs(label.gap).max(), np.abs(lead.gap).max())),
        "missing_genes": int((~one.present).sum()),
        "networks": len(members.networks),
        "linear": members.linear is not None,
        "boosted": members.boosted is not None,
        "reference": sets.reference.facts,
        **decision(sets.run, model, cell),
    }
    strength = genes[["for_label", "against_other"]].abs().max(axis=1)
    return Why(
        genes.loc[strength.sort_values(ascending=False, kind="stable").index],
        pd.DataFrame(
            {
                "replaced": np.arange(len(margins)),
                "gene": ["", *np.asarray(model.genes, dtype=object)[order][: len(margins) - 1]],
                "margin": margins,
            }
        ),
        facts,
    )


def _compared(sets: Sets, cell: str, other: str) -> tuple[str, str, pd.Series]:
    """The cell's label, the type it is compared with, and its row of annotation."""
    row = sets.annotation.loc[cell]
    probabilities = pd.read_csv(sets.run.directory / "probabilities.csv", dtype={"cell": str}, keep_default_na=False)
    shares = probabilities.set_index("cell").loc[cell].astype(float)
    called = str(row["cell_type"])
    others = [str(name) for name in shares.sort_values(ascending=False, kind="stable").index if name != called]
    if other and other not in others:
        raise DataError("A call cannot be compared with that", other, f"Choose one of: {', '.join(others)}")
    return called, other or others[0], row


def _expression(one: Aligned) -> np.ndarray:
    """(n_genes,), ln(1 + CP10K) of one cell."""
    return aligned_logarithms(one).toarray().astype(float).ravel()
