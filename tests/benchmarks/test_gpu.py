"""The benchmark of graphics cards: all of it on the CPU at a small size, and what it says where there is no card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "gpu.py"
CUDA = torch.cuda.is_available()
HEAVY = ("anndata", "scanpy", "pandas", "sklearn", "numba", "streamlit", "plotly", "yaml")


def ran(*arguments: str, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, str(SCRIPT), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)


@pytest.mark.slow
def test_all_of_it_runs_on_the_cpu(tmp_path):
    out = tmp_path / "found" / "gpu.json"
    done = ran("--device", "cpu", "--cells", "256", "--epochs", "1", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text())
    assert len(found["speeds"]) == 3 * (3 + 2 + 2)
    assert all(row["cells_per_second"] > 0 and 0 < row["share_of_peak"] < 1 for row in found["speeds"])
    assert len(found["losses"]) == 9
    assert all(row["agrees"] for row in found["losses"])
    assert "funnel" in done.stdout


def test_without_a_card_it_says_so(tmp_path):
    done = ran("--out", str(tmp_path / "gpu.json"), CUDA_VISIBLE_DEVICES="")  # hides every card
    assert done.returncode == 2
    assert done.stderr.startswith("This machine has no such device. Got cuda. Run it on a machine with one")
    assert not (tmp_path / "gpu.json").exists()


def test_it_needs_little_and_says_what_is_missing():
    assert ran(code=f"import benchmarks.gpu, sys; sys.exit(bool({set(HEAVY)} & set(sys.modules)))").returncode == 0
    hide = (
        "import importlib.util as u; find = u.find_spec; u.find_spec = lambda n: None if n == 'pydantic' else find(n);"
    )
    done = ran(code=f"{hide} import benchmarks.gpu")
    assert done.returncode == 2
    assert "Got none of pydantic" in done.stderr


def test_operations_of_a_step_are_those_of_its_matrix_products():
    from benchmarks.gpu import CASES

    forwards = 2 * (3000 * 128 + 128 * 64 + 64 * 128 + 128 * 3000)
    assert CASES[0].operations() == 3 * forwards - 2 * 3000 * 128


@pytest.mark.gpu
@pytest.mark.skipif(not CUDA, reason="this machine has no CUDA GPU")
def test_a_step_does_not_wait_for_the_card():
    from benchmarks.gpu import CASES, waits_per_step

    for case in CASES:
        waits = waits_per_step(case, case.cells(20_000), torch.device("cuda"))
        assert waits is not None
        assert waits < 0.1, case.name
