"""Heavy work in a process of its own, so that the web server imports no torch and keeps no memory of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core import errors
from core.errors import AppError, RunError
from core.workspace import worker_environment
from pages.ui.registry import ROOT

MINUTES = 30


def call(function: str, *, threads: int = 1, timeout: float = MINUTES * 60, **arguments: Any) -> Any:
    """Run a function of ``core`` in a child process and return its answer.

    Parameters
    ----------
    function
        ``module:function``, such as ``core.tasks.prepare:describe``.
    threads
        CPU threads of the child.
    timeout
        Seconds before the child is ended.
    arguments
        Keyword arguments of the function; they and its answer travel as JSON.

    Raises
    ------
    AppError
        The very error that the function raised, or a RunError where the process broke off.
    """
    with tempfile.TemporaryDirectory(prefix="celldesk-") as folder:
        answer = Path(folder) / "answer.json"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pages.ui.child", function, str(answer)],
                input=json.dumps(arguments),
                capture_output=True,
                text=True,
                cwd=ROOT,
                env=worker_environment(threads),
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RunError(
                "The calculation took too long and was ended", f"{timeout:.0f} s", "Try fewer cells or genes"
            ) from None
        if not answer.exists():
            raise RunError(
                "The calculation broke off", _last_line(done.stderr), "Check memory and the data, then try again"
            )
        record = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in record:
        raise rebuilt(record["error"])
    return record["answer"]


def rebuilt(parts: dict[str, Any]) -> AppError:
    """An error as it was raised in the child: its kind and its three parts."""
    kind = getattr(errors, str(parts["kind"]), AppError)
    return kind(parts["what"], parts["value"], parts["remedy"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"
