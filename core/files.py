"""Writing files whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from typing import Any

from core.errors import ProjectError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it once the block ends well; else nothing is left behind.

    Raises
    ------
    ProjectError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix, delete=False) as file:
            partial = Path(file.name)
    except OSError as error:
        raise ProjectError(
            "The folder cannot be written", str(path.parent), f"{error.strerror or error}. Choose another folder"
        ) from error
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as error:
        raise ProjectError(
            "The file cannot be written", str(path), f"{error.strerror or error}. Free some space"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path``, whole or not at all."""
    with whole(path) as partial:
        partial.write_bytes(content)
    return path


def write_text(path: Path, content: str) -> Path:
    """Write ``content`` to ``path`` as UTF-8, whole or not at all."""
    return write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> Path:
    """Write ``value`` as JSON, whole or not at all."""
    return write_text(path, json.dumps(value, indent=1, ensure_ascii=False))


def whole_folder(target: Path, write: Callable[[Path], object]) -> Path:
    """Make the folder ``target`` in one step: ``write`` fills another that is then moved there, if it is still free."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        write(temporary)
        if not target.exists():
            temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
