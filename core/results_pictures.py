"""Which pictures of the cells a run's results hold, and what to call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import keys

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}
OURS = (keys.CODE, keys.CODE_UMAP, keys.INPUT_UMAP, keys.PROBABILITIES, keys.COMPOSITION)


@dataclass(frozen=True)
class Picture:
    """Two coordinates of each cell.

    Attributes
    ----------
    title, made_from
        What it is, and of what it was made.
    caption
        What the two coordinates are.
    points
        Cells x (x, y), no unit.
    """

    title: str
    made_from: str
    caption: str
    points: pd.DataFrame


def own_pictures(made: pd.DataFrame | None, obsm: Mapping[str, int]) -> list[tuple[str, str, str, str]]:
    """Key in ``obsm``, title, what it was made from and caption of each picture.

    Parameters
    ----------
    made
        pictures.csv: one row for each picture that the run drew, by genes first, then by code.
    obsm
        Name -> number of columns.
    """
    found = []
    for row, (key, of) in enumerate(((keys.INPUT_UMAP, "the genes"), (keys.CODE_UMAP, "the code"))):
        if key in obsm:
            kind = "UMAP" if made is None else str(made["picture"].iloc[row])
            made_from = "" if made is None else str(made["made_from"].iloc[row])
            # a code of two units is its own picture
            title, axes = (f"UMAP of {of}", "UMAP 1, UMAP 2") if kind == "UMAP" else ("The code", "Unit 1, unit 2")
            found.append((key, title, made_from, axes))
    for key in sorted(key for key, columns in obsm.items() if columns > 1 and key not in OURS):
        kind = KINDS.get(key.removeprefix("X_"), key.removeprefix("X_"))
        found.append((key, f"{kind} of the file", "as it came", f"{kind} 1, {kind} 2"))
    return found
