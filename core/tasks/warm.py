"""Compile once what every run needs, before the first run asks for it."""

from __future__ import annotations

import os

import numpy as np

from core.embedding.layouts import umap_layout
from core.specs import EmbeddingSpec

CELLS = 200
NICEST = 19


def main() -> None:
    """Draw a small picture of random points, so that the compiled functions lie in the cache; out of everyone's way."""
    os.nice(NICEST)
    umap_layout(np.random.default_rng(0).normal(size=(CELLS, 10)).astype(np.float32), EmbeddingSpec(epochs=10), seed=0)


if __name__ == "__main__":
    main()
