"""Each published system from the command to its numbers, on real cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli import main


@pytest.fixture
def celldesk(tmp_path: Path):
    """Runs a verb and gives its folder and summary."""

    def run(*arguments: object) -> tuple[Path, dict[str, Any]]:
        out = tmp_path / "out"
        assert main([*map(str, arguments), "--out", str(out)]) == 0
        return out, json.loads((out / "summary.json").read_text())

    return run
