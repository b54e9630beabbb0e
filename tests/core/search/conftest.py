"""Searches of the demonstration's cells, small enough for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.data.demo import write_demo
from core.recipes import recipe
from core.search.folder import Search
from core.specs import RunSpec, SearchSpec, parse, replaced_all

RATE = {"path": "training.learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
UNITS = {"path": "network.code.units", "kind": "choices", "choices": [8, 16]}
QUICK = {"features.target": 100, "training.epochs": 3, "training.replay_frames": 0, "training.patience": None}


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"))["reference"]


@pytest.fixture
def base(cells: Path) -> RunSpec:
    """A funnel autoencoder of 100 genes that trains for three epochs."""
    spec = recipe("funnel_autoencoder").spec
    return replaced_all(spec, {**QUICK, "data.reference": {"path": str(cells)}, "network.encoder": [{"units": 16}]})


@pytest.fixture
def made(tmp_path: Path, base: RunSpec) -> Callable[..., Search]:
    """Makes a search of these dimensions in a folder of its own."""

    def make(*dimensions: dict[str, Any], settings: dict[str, Any] | None = None, **values: Any) -> Search:
        spec = parse(SearchSpec, {"dimensions": dimensions, "pruning": None, **values})
        return Search.create(tmp_path / "search", spec, replaced_all(base, settings or {}))

    return make
