"""What every test shares: where the public test files lie, and a workspace of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.slurm_cluster"]
TEST_DATA = Path(os.environ.get("CELLDESK_TEST_DATA", Path(__file__).parents[2] / "shared" / "data")).resolve()


def pytest_configure() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # each test has a workspace of its own, but functions need not be compiled anew in each of them
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".cache" / "numba"))
    # the first example of a test may import a large library, and a busy machine is no fault of the code
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def real(name: str) -> Path:
    """The public test file ``name``, wherever it lies in the data folder; fails saying what is missing."""
    for folder in ("", "cells", "bulk", "gene_sets", "tissues", "formats"):
        path = TEST_DATA / folder / name
        if path.exists():
            return path
    remedy = "Put it there, or name another folder in CELLDESK_TEST_DATA; tests/DATA.md says where each comes from"
    pytest.fail(f"A test file is missing from {TEST_DATA}. Got no {name}. {remedy}", pytrace=False)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary workspace, so that no test touches the user's own."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("CELLDESK_WORKSPACE", str(folder))
    return folder
