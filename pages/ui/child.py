"""The child's side of ``background.call``: one function, its answer as JSON. Imports nothing of Streamlit."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import AppError


def main(function: str, answer: Path, arguments: dict[str, Any]) -> None:
    """Call ``function`` and write its answer, or the user's mistake it raised."""
    module, name = function.split(":")
    try:
        record = {"answer": getattr(import_module(module), name)(**arguments)}
    except AppError as problem:
        value = None if problem.value is None else str(problem.value)
        parts = {"kind": type(problem).__name__, "what": problem.what, "value": value, "remedy": problem.remedy}
        record = {"error": parts}
    answer.write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.load(sys.stdin))
