"""What a file is, by its first bytes; a suffix is only a hint."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

from core.errors import DataError

Format = Literal["hdf5", "zip", "r", "parquet", "mtx", "table", "zarr", "folder"]

HEAD = 64 * 1024
READABLE = "h5ad, 10x h5, 10x mtx folder or zip, loom, zarr, RDS or RData, parquet, or a table (csv, tsv, txt)"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_REFUSED = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"BAM\x01": "a BAM file",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "an SQLite database",
    b"\x93NUMPY": "a NumPy array without names",
    b"\x80\x04": "a Python pickle, which is never opened because it can run code",
    b"\x80\x05": "a Python pickle, which is never opened because it can run code",
}
_ZARR = (".zgroup", "zarr.json")


def detect(path: Path) -> Format:
    """The format of a file or folder.

    Raises
    ------
    DataError
        If it is missing, empty, or nothing that can be read.
    """
    if not path.exists():
        raise DataError("There is no such file", str(path), "Check the path, or upload the file")
    if path.is_dir():
        return "zarr" if any((path / name).exists() for name in _ZARR) else "folder"
    if not path.is_file():
        raise DataError("This is neither a file nor a folder", str(path), "Choose a file")
    if path.stat().st_size == 0:
        raise DataError("The file is empty", path.name, "Copy or download it again")
    head = head_of(path)
    if head.startswith(_HDF5):
        return "hdf5"
    if zipfile.is_zipfile(path) and head.startswith(b"PK"):
        return "zip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\x00\x00\x00", b"A\n2\n", b"A\n3\n")):
        return "r"
    if head.startswith(b"%%MatrixMarket"):
        return "mtx"
    if len(head) > 262 and head[257:262] == b"ustar":
        raise DataError("This is a tar archive", path.name, "Unpack it and choose the file or folder inside")
    for magic, name in _REFUSED.items():
        if head.startswith(magic):
            raise DataError(f"{path.name} holds no cells and no samples", name, f"Choose {READABLE}")
    if not _is_text(head):
        raise DataError("No known format begins like this file", path.name, f"Choose {READABLE}")
    return "table"


def head_of(path: Path) -> bytes:
    """The first bytes of a file, unpacked if it is compressed.

    Raises
    ------
    DataError
        If it cannot be unpacked.
    """
    try:
        with open_bytes(path) as stream:
            return stream.read(HEAD)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, PermissionError):
            raise DataError("The file may not be read", str(path), "Ask its owner for permission to read it") from None
        raise DataError("The file is damaged: it cannot be unpacked", path.name, "Copy or download it again") from None


def open_bytes(path: Path) -> BinaryIO:
    """A stream of the file's content, unpacked if its first bytes say gzip, bzip2 or xz."""
    with path.open("rb") as stream:
        magic = stream.read(6)
    for start, opener in _COMPRESSED.items():
        if magic.startswith(start):
            return io.BufferedReader(opener(path, "rb"), HEAD)  # type: ignore[arg-type]  # the openers' unions are wide
    return path.open("rb")


def is_compressed(path: Path) -> bool:
    """Whether the file is packed with gzip, bzip2 or xz."""
    with path.open("rb") as stream:
        magic = stream.read(6)
    return any(magic.startswith(start) for start in _COMPRESSED)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    control = sum(byte < 9 or 13 < byte < 32 for byte in head[:4096])
    return b"\x00" not in head and control == 0
