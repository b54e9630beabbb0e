"""Why one query cell is called what it is, and what a group of cells without a label expresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from core.annotation.transfer import member_shares, network_logits
from core.data.align import Aligned, align
from core.data.blocks import loaded
from core.data.dataset import Dataset
from core.data.normalise import Matrix, library_size, normalised, values_of
from core.embedding.selection import markers
from core.errors import DataError
from core.files import whole_folder, write_json
from core.interpretation.integrated import (
    Attributions,
    Projection,
    against,
    against_rest,
    integrated_gradients,
    linear_attributions,
    weighted,
)
from core.interpretation.why import genes_to_change, margins_replaced
from core.runs.run import Run
from core.tasks.evidence import FACTS, refuse
from core.tasks.evidence_genes import scaled_genes
from core.tasks.evidence_kept import Why, expressed_folder, why_folder
from core.tasks.evidence_sets import Sets, projection_of, sets_of
from core.tasks.evidence_types import AVERAGE, Types, keep_types, stored_types
from core.tasks.judge import Members

STEPS = 64
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
        If the run gave no labels, or brought no reference.
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
    group = _logarithms(sets.query, np.flatnonzero(inside), sets.shared_genes)
    rest = (
        _logarithms(sets.query, np.flatnonzero(labelled), sets.shared_genes)
        if own
        else _logarithms(sets.reference, np.flatnonzero(sets.known == nearest), sets.shared_genes)
    )
    tested = np.flatnonzero(_often(group) | _often(rest))
    stacked = sparse.csr_matrix(sparse.vstack([group, rest]))[:, tested]
    names = [sets.shared_genes[gene] for gene in tested]
    table = markers(stacked, names, np.arange(stacked.shape[0]) < group.shape[0])
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


def _logarithms(dataset: Dataset, rows: np.ndarray, genes: list[str]) -> Matrix:
    """(n_rows, n_genes), ln(1 + CP10K) of some cells, in memory and sparse."""
    values = values_of(dataset)
    library = library_size(values, dataset.unit)[rows]
    columns = dataset.genes.get_indexer(pd.Index(genes))
    return sparse.csr_matrix(normalised(loaded(values, rows)[:, columns], dataset.unit, "log1p_cp10k", library))


def _why(sets: Sets, types: Types, cell: str, other: str) -> Why:
    model, members = sets.model, sets.members
    names = sets.query.adata.obs_names
    if cell not in names:
        raise DataError("The query has no such cell", cell, f"Use a name such as {names[0]}")
    called, other, row = _compared(sets, cell, other)
    first, second = model.classes.index(called), model.classes.index(other)
    aligned = align(sets.query, model.genes)
    one = aligned.rows(np.array([int(cast("int", names.get_loc(cell)))])).in_memory()
    views = [scaled_genes(transform, one)[0] for transform in members.transforms(aligned)]
    goal, start = types.scaled[other].to_numpy(), types.scaled[AVERAGE].to_numpy()
    through, n = projection_of(model.transform), len(model.classes)
    label, label_spread = _mean_of_views(members, views, start, against_rest(n)[[first]], through)
    lead, lead_spread = _mean_of_views(members, views, goal, against(n, first, second), through)
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
    margins = np.mean(
        [margins_replaced(_margin(members, first, second, through), view, goal, order) for view in views], axis=0
    )
    facts = {
        "cell": cell,
        "cell_type": called,
        "other": other,
        "probability": float(row["probability"]),
        "other_probability": float(row["other_probability"]),
        "assigned": bool(row["assigned"]),
        "logit": float(label.difference[0, 0]),
        "lead": float(margins[0]),
        "genes_to_change": genes_to_change(margins),
        "tried": len(margins) - 1,
        "largest_gap": float(max(np.abs(label.gap).max(), np.abs(lead.gap).max())),
        "missing_genes": int((~one.present).sum()),
        "networks": len(members.networks),
        "linear": members.linear is not None,
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
    """The cell's label, the type it is compared with, and its row of annotation with that type's probability."""
    row = sets.annotation.loc[cell].copy()
    probabilities = pd.read_csv(sets.run.directory / "probabilities.csv", dtype={"cell": str}, keep_default_na=False)
    shares = probabilities.set_index("cell").loc[cell].astype(float)
    called = str(row["cell_type"])
    others = [str(name) for name in shares.sort_values(ascending=False, kind="stable").index if name != called]
    if other and other not in others:
        raise DataError("A call cannot be compared with that", other, f"Choose one of: {', '.join(others)}")
    other = other or others[0]
    row["other_probability"] = shares[other]
    return called, other, row


def _mean_of_views(
    members: Members, views: list[np.ndarray], start: np.ndarray, contrast: np.ndarray, through: Projection | None
) -> tuple[Attributions, np.ndarray]:
    """Attributions of the members' mean logit, and their standard deviation over the networks (n_genes,)."""
    shares = member_shares(len(members.networks), members.linear is not None, members.spec.linear_weight)
    found, spreads = [], []
    for view in views:
        parts = [
            integrated_gradients(network, view[None], start, contrast, steps=STEPS, projection=through)
            for network in members.networks
        ]
        each = np.stack([part.values[0, 0] for part in parts]) if parts else np.zeros((0, len(start)))
        spreads.append(each.std(axis=0, ddof=1) if len(each) > 1 else np.full(len(start), np.nan))
        if members.linear is not None:
            parts.append(linear_attributions(members.linear.weight, view[None], start, contrast, projection=through))
        found.append(weighted(parts, shares))
    return weighted(found, np.full(len(found), 1 / len(found))), np.mean(spreads, axis=0)


def _margin(members: Members, first: int, second: int, through: Projection | None) -> Any:
    """(n, n_genes) scaled genes -> (n,), mean logit of one type minus that of another."""
    shares = member_shares(len(members.networks), members.linear is not None, members.spec.linear_weight)

    def lead(values: np.ndarray) -> np.ndarray:
        seen = values if through is None else (values - through.centre) @ through.loadings.T
        logits = [network_logits(network, seen) for network in members.networks]
        if members.linear is not None:
            logits.append(members.linear.logits(seen))
        leads = np.stack([part[:, first] - part[:, second] for part in logits])
        return shares @ leads

    return lead


def _expression(one: Aligned) -> np.ndarray:
    """(n_genes,), ln(1 + CP10K) of one cell."""
    values = normalised(one.values, one.unit, "log1p_cp10k", one.library)
    return np.asarray(values if isinstance(values, np.ndarray) else values.toarray(), dtype=float).ravel()
