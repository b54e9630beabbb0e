"""Zip files, looked through before a single byte of them is unpacked."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.data.memory import size
from core.errors import DataError

MOST_ENTRIES = 200_000
MOST_BYTES = 64 * 10**9
MOST_RATIO = 200
"""Unpacked over packed bytes; text tables of counts reach about 50, a zip bomb 1,000."""
RATIO_FROM = 32 * 2**20
"""Below this many unpacked bytes the ratio does not matter."""


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip file into ``folder`` if everything in it is harmless.

    Raises
    ------
    DataError
        If an entry would land outside the folder, is a link or locked, or if there is too much of it.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _check_amount(path, entries, shutil.disk_usage(folder).free)
        for entry in entries:
            _check_entry(path, entry)
        archive.extractall(folder)


def _check_amount(path: Path, entries: list[zipfile.ZipInfo], free: int) -> None:
    if not entries:
        raise DataError("The zip file is empty", path.name, "Pack the files again")
    if len(entries) > MOST_ENTRIES:
        raise DataError("The zip file holds too many files", f"{len(entries):,}", f"Use at most {MOST_ENTRIES:,}")
    total = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if total > RATIO_FROM and total > MOST_RATIO * packed:
        raise DataError(
            "The zip file would grow beyond all measure, as a zip bomb does",
            f"{size(packed)} would become {size(total)}",
            "Unpack it yourself if you trust it, and choose the files inside",
        )
    if total > min(MOST_BYTES, 0.9 * free):
        raise DataError(
            "The zip file is too large to unpack here",
            f"{size(total)}, with {size(free)} free for temporary files",
            "Unpack it yourself and choose the files inside",
        )


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    steps = (*PurePosixPath(name).parts, *PureWindowsPath(name).parts)
    if name.startswith(("/", "\\")) or PureWindowsPath(name).drive or ".." in steps or "\x00" in name:
        raise DataError(f"{path.name} would write outside its folder", name, "Do not trust this file; pack it again")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DataError(f"{path.name} holds a link to another place", name, "Pack the files themselves, without links")
    if entry.flag_bits & 0x1:
        raise DataError(
            f"{path.name} is locked with a password", name, "Unpack it yourself and choose the files inside"
        )
