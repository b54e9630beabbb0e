"""Other programs, waited for with an eye on a stop."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

LOOK_SECONDS = 0.2


def finish(
    command: Sequence[str],
    log: BinaryIO,
    stopping: Callable[[], bool],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> int | None:
    """Run ``command`` to its end, with all that it prints in ``log``.

    Parameters
    ----------
    command
        Program and arguments.
    log
        An open file.
    stopping
        Asked all the time; the program is ended where it says yes.
    folder
        Where it works; here by default.
    environment
        Its variables; ours by default.

    Returns
    -------
    Its exit status; ``None`` where it was ended.
    """
    process = subprocess.Popen(
        list(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment
    )
    try:
        while process.poll() is None:
            if stopping():
                return None
            time.sleep(LOOK_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return process.returncode


def last_words(log: Path) -> str:
    """The last line of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
