"""Reference and query in one picture: of the network's code and, as a control, of the genes without a network."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.align import Aligned
from core.data.normalise import Matrix, normalised
from core.embedding.components import principal_components
from core.embedding.layouts import layout
from core.embedding.mixing import mixing
from core.interpretation.saliency import sample_of_each
from core.specs import AnnotateSpec, EvidenceSpec
from core.tasks.evidence_sets import Sets
from core.tasks.prepare import IMPACT, rng
from core.training.predict import outputs

COMPONENTS = 30
SPACES = ("code", "genes")
"""The first network's code; principal components of the genes that both files hold."""


def both_evidence(sets: Sets, spec: EvidenceSpec) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables joint (a row per cell) and mixing (a row per space and type), and how many cells they stand for."""
    embedding = cast("AnnotateSpec", sets.model.spec.analysis).embedding
    seed = sets.model.spec.seed
    picked = {
        "reference": sample_of_each(sets.known, spec.pictured, rng(sets.model.spec, IMPACT, 3)),
        "query": sample_of_each(sets.given, spec.pictured, rng(sets.model.spec, IMPACT, 4)),
    }
    reference = sets.reference.aligned(picked["reference"])
    query = sets.judged.rows(picked["query"]).in_memory()
    cells = pd.concat([_reference_rows(sets, picked["reference"]), _query_rows(sets, picked["query"])])
    cells = cells.reset_index(drop=True)
    found = []
    for space, values in (
        ("code", _code(sets, reference, query)),
        ("genes", shared_components(reference, query, seed)),
    ):
        drawn = values if values.shape[1] == 2 else layout(values, embedding, seed).coordinates
        cells[f"{space}_x"], cells[f"{space}_y"] = drawn[:, 0], drawn[:, 1]
        table = mixing(values, (cells["source"] == "query").to_numpy(), cells["label"].to_numpy(), spec.neighbours)
        table.insert(0, "space", space)
        found.append(table)
    facts = {
        "reference_cells": len(picked["reference"]),
        "query_cells": len(picked["query"]),
        "reference_of": sets.reference.facts["of"],
        "query_of": len(sets.given),
        "shared_genes": int((reference.present & query.present).sum()),
        "networks": len(sets.model.networks),
    }
    return {"joint": cells, "mixing": pd.concat(found, ignore_index=True)}, facts


def shared_components(reference: Aligned, query: Aligned, seed: int) -> np.ndarray:
    """(n_cells, n_components) of log expression over both files, the reference first; genes that one lacks left out."""
    both = np.flatnonzero(reference.present & query.present)
    parts = [_logarithms(part, both) for part in (reference, query)]
    return principal_components(cast("Matrix", sparse.csr_matrix(sparse.vstack(parts))), COMPONENTS, seed).scores


def _logarithms(aligned: Aligned, genes: np.ndarray) -> Matrix:
    return normalised(aligned.values[:, genes], aligned.unit, "log1p_cp10k", aligned.library)


def _code(sets: Sets, reference: Aligned, query: Aligned) -> np.ndarray:
    """(n_cells, n_units), the reference as in training and the query as the run judged it."""
    network, learned = sets.model.networks[0], sets.model.transform
    scaled = (learned.apply(reference), sets.members.transforms(sets.judged)[0].apply(query))
    return np.concatenate([outputs(network, values, names={"code"})["code"] for values in scaled])


def _reference_rows(sets: Sets, rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell": sets.reference.cells[rows],
            "source": "reference",
            "label": sets.known[rows],
            "probability": np.nan,
        }
    )


def _query_rows(sets: Sets, rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell": sets.query.adata.obs_names[rows],
            "source": "query",
            "label": sets.given[rows],
            "probability": sets.annotation["probability"].to_numpy()[rows],
        }
    )
