"""Will it fit? Asked from a file's header, before its values are read."""

from __future__ import annotations

from core.errors import DataError

SHARE = 0.9
"""Share of the free memory that one file may take."""
COPIES = 2.5
"""Reading, turning and checking hold up to this many copies for a moment."""


def require_memory(n_bytes: float, name: str, available: int | None = None) -> None:
    """Refuse a file whose values need more memory than is free.

    Parameters
    ----------
    n_bytes
        Size of the values in memory, bytes, one copy.
    name
        The file, as the user knows it.
    available
        Free memory, bytes; measured when not given.

    Raises
    ------
    DataError
        If the values do not fit.
    """
    available = free_memory() if available is None else available
    needed = COPIES * n_bytes
    if needed > SHARE * available:
        raise DataError(
            f"{name} is too large for the memory of this machine",
            f"about {size(needed)} needed, {size(available)} free",
            "Close other programs, use a machine with more memory, or bring a file with fewer cells",
        )


def free_memory() -> int:
    """Memory that can be had on this machine now, bytes."""
    import psutil

    return psutil.virtual_memory().available


def size(n_bytes: float) -> str:
    """``size(3e9)`` is "3.0 GB"."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:,.1f} {unit}"
    return f"{n_bytes / 1e3:,.0f} kB"
