"""The two pictures of a run: cells by their genes, and cells by their code."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from core.data.align import Aligned
from core.data.blocks import LEARNED_FROM
from core.data.normalise import normalised
from core.embedding.agreement import picture_quality
from core.embedding.components import principal_components
from core.embedding.layouts import Layout, layout
from core.embedding.neighbours import Neighbours, nearest_neighbours
from core.specs import AnnotateSpec, EmbeddingSpec
from core.tasks.progress import Progress


@dataclass(frozen=True)
class Pictures:
    """``genes`` and ``code``: (n_cells, 2), no unit.

    ``quality``: one row for each picture; neighbours are those in the principal components for all of them, so that
    the rows can be compared.
    """

    genes: np.ndarray
    code: np.ndarray
    quality: pd.DataFrame


@dataclass(frozen=True)
class CellGraph:
    """Cells among their nearest, by their genes.

    ``scores``: (n_cells, n_components), principal components of log expression. ``neighbours``: the nearest in them.
    """

    scores: np.ndarray
    neighbours: Neighbours


def cell_graph(aligned: Aligned, spec: AnnotateSpec, seed: int, progress: Progress) -> CellGraph:
    """The graph that the picture of the cells by their genes is drawn from, wide enough for those who vote."""
    progress.phase("Finding the nearest cells")
    scores = _scores(aligned, spec.embedding, seed, progress)
    wanted = spec.embedding.neighbours
    if spec.voting is not None and spec.voting.over == "neighbours":
        wanted = max(wanted, spec.voting.neighbours)
    return CellGraph(scores, nearest_neighbours(scores, wanted))


def pictures(
    aligned: Aligned,
    code: np.ndarray,
    labels: np.ndarray | None,
    spec: EmbeddingSpec,
    seed: int,
    progress: Progress,
    graph: CellGraph | None = None,
) -> Pictures:
    """UMAP of the principal components of log expression, and UMAP of the code; a code of two units is its own picture.

    Parameters
    ----------
    aligned
        (n_cells, n_genes), the network's genes.
    code
        (n_cells, n_units).
    labels
        (n_cells,) names, to say how well the pictures keep types together; None without labels.
    graph
        The cells' nearest, where they were looked for before.
    """
    progress.phase("Drawing the cells by their genes")
    scores = _scores(aligned, spec, seed, progress) if graph is None else graph.scores
    by_genes = layout(scores, spec, seed, knn=graph.neighbours if graph else None)
    progress.phase("Drawing the cells by their code")
    by_code = Layout(code.astype(np.float32), False) if code.shape[1] == 2 else layout(code, spec, seed)
    if by_genes.approximate:
        progress.note("Most cells were placed between landmarks; the pictures are approximate.")
    rows = [
        ("UMAP", f"{scores.shape[1]} principal components", scores, by_genes.coordinates),
        ("Code" if code.shape[1] == 2 else "UMAP", f"Code, {code.shape[1]} units", scores, by_code.coordinates),
        ("PCA", "First two components", scores, scores[:, :2]),
    ]
    quality = pd.DataFrame(
        [
            {"picture": kind, "made_from": made_from, **asdict(picture_quality(before, picture, labels, seed))}
            for kind, made_from, before, picture in rows
        ]
    )
    return Pictures(by_genes.coordinates, by_code.coordinates, quality)


def _scores(aligned: Aligned, spec: EmbeddingSpec, seed: int, progress: Progress) -> np.ndarray:
    """(n_cells, n_components), principal components of log expression."""
    if aligned.values.shape[0] > LEARNED_FROM:
        progress.note(f"The principal components of the pictures were learned from {LEARNED_FROM:,} cells.")
    expression = normalised(aligned.values, aligned.unit, "log1p_cp10k", aligned.library)
    return principal_components(expression, spec.components, seed).scores
