"""How a text table is laid out: its separator, its header, its comments."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.formats.detect import open_bytes
from core.errors import DataError

SEPARATORS = ("\t", ",", ";", " ")
LINES = 12
"""Lines that are looked at after the comments."""
MOST_COMMENTS = 1000


@dataclass(frozen=True)
class Layout:
    """How the text is laid out: separator, lines before the values, one header for each field, decimal mark."""

    separator: str
    skip: int
    header: tuple[str, ...]
    decimal: str
    encoding: str
    line_bytes: float


def layout_of(path: Path) -> Layout:
    """Look at the first lines.

    Raises
    ------
    DataError
        If they do not make a table.
    """
    lines, encoding = _first_lines(path)
    comments = 0
    while comments < len(lines) and lines[comments].startswith(("#", "%")):
        comments += 1
    body = [line for line in lines[comments:] if line.strip()]
    if not body:
        raise DataError("The table holds no values", path.name, "Bring a table with a header and rows of numbers")
    separator = _separator(body)
    rows = list(csv.reader(body, delimiter=separator, skipinitialspace=separator == " "))
    width = len(rows[-1])
    if separator not in body[0] or width < 2:
        raise DataError(
            f"{path.name} is text, but not a table",
            body[0][:60],
            "Bring a table separated by commas or tabs, with names and numbers",
        )
    decimal = "," if separator != "," and any(re.fullmatch(r"-?\d+,\d+", field) for field in rows[-1]) else "."
    if comments and all(_is_number(field, decimal) for field in rows[0][1:]):
        return _headed_by_comment(path, lines[comments - 1], comments, width, separator, decimal, encoding, body)
    if len(rows) < 2:
        raise DataError(
            "The table holds a single line", body[0][:60], "Bring a table with a header and rows of numbers"
        )
    header = [field.strip() for field in rows[0]]
    if len(header) == width - 1:  # R writes no header over the row names
        header = ["", *header]
    if len(header) != width:
        raise DataError(
            "Lines of the table differ in length", f"{len(header)} and {width} fields", "Save the table again"
        )
    numbers = [field for field in header[1:] if _is_number(field, decimal)]
    if len(numbers) == width - 1 and (len(set(numbers)) < width - 1 or not all(field.isdigit() for field in numbers)):
        raise DataError(
            "The first line holds numbers in place of names", header[:4], "Add a line with the names of the columns"
        )
    return Layout(
        separator, comments + 1, tuple(header), decimal, encoding, float(np.mean([len(line) for line in body[1:]]))
    )


def _headed_by_comment(
    path: Path, comment: str, n_comments: int, width: int, separator: str, decimal: str, encoding: str, body: list[str]
) -> Layout:
    header = comment.lstrip("#% ").strip().split(separator if separator in comment.strip() else None)
    if len(header) == width - 1:
        header = ["", *header]
    if len(header) != width:
        raise DataError("The table has no names for its columns", path.name, "Add a line with the names of the columns")
    size = float(np.mean([len(line) for line in body]))
    return Layout(separator, n_comments, tuple(header), decimal, encoding, size)


def _first_lines(path: Path) -> tuple[list[str], str]:
    raw: list[bytes] = []
    with open_bytes(path) as stream:
        for line in stream:
            raw.append(line)
            comments = next((n for n, one in enumerate(raw) if not one.startswith((b"#", b"%"))), len(raw))
            if len(raw) - comments >= LINES or comments > MOST_COMMENTS:
                break
    if raw and raw[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError("The table is UTF-16 text, as some spreadsheets save it", path.name, "Save it as CSV in UTF-8")
    encoding = "utf-8-sig"
    try:
        lines = [line.decode("utf-8-sig" if number == 0 else "utf-8") for number, line in enumerate(raw)]
    except UnicodeDecodeError:
        encoding, lines = "latin-1", [line.decode("latin-1") for line in raw]
    return [line.rstrip("\r\n") for line in lines], encoding


def _separator(lines: list[str]) -> str:
    """The separator whose fields are most and the same in every line, the header excepted by one."""
    best, most = "\t", 1
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator, skipinitialspace=separator == " ")]
        if len(set(widths[1:] or widths)) == 1 and widths[-1] > most and abs(widths[0] - widths[-1]) <= 1:
            best, most = separator, widths[-1]
    return best


def _is_number(field: str, decimal: str) -> bool:
    try:
        float(field.replace(decimal, "."))
    except ValueError:
        return False
    return True
