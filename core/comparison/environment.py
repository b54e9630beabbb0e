"""Programs that need packages of their own: where each is installed, and how it gets there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import MissingExtraError
from core.workspace import named_python, workspace

HOME = Path(__file__).parents[2]
DONE = ".done"
"""A file in an environment that says it was installed whole."""


@dataclass(frozen=True)
class Program:
    """A program in an environment of its own.

    Attributes
    ----------
    name, title
        In commands and folders; on screen.
    version
        The version that is installed.
    script
        What runs in its environment, under ``core/comparison/programs``.
    size
        Roughly what is downloaded and how long that takes, in words.
    """

    name: str
    title: str
    version: str
    script: str
    size: str

    @property
    def command(self) -> str:
        """What installs it from a terminal, in CellDesk's folder."""
        return f"make env-{self.name}"

    @property
    def requirements(self) -> Path:
        """The file that lists its packages with their versions."""
        return HOME / f"requirements-{self.name}.txt"

    @property
    def script_path(self) -> Path:
        return Path(__file__).parent / "programs" / self.script

    @property
    def folder(self) -> Path:
        """Where the app installs it."""
        return workspace().environments / self.name

    @property
    def python(self) -> Path | None:
        """The Python that has it: the one named by ``CELLDESK_NAME``, else the app's, else that of ``make``."""
        named = named_python(self.name)
        if named is not None:
            return named
        for folder in (self.folder / "venv", HOME / f".venv-{self.name}"):
            if (folder / DONE).exists():
                return folder / "bin" / "python"
        return None

    def require(self) -> Path:
        """``python``.

        Raises
        ------
        MissingExtraError
            If the program is not installed.
        """
        found = self.python
        if found is None or not found.exists():
            remedy = f"Run `{self.command}` in CellDesk's folder, or install it from the Annotation page"
            raise MissingExtraError(f"{self.title} is not installed", None if found is None else str(found), remedy)
        return found


_CELLTYPIST = Program("celltypist", "CellTypist", "1.7.1", "run_celltypist.py", "0.9 GB on disk, a minute or two")
PROGRAMS = {program.name: program for program in (_CELLTYPIST,)}
"""By name."""
