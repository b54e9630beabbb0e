"""Numbers and lists as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """``counted(2638, "cell")`` is "2,638 cells"."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def opening(text: str) -> str:
    """``text`` as a sentence begins: its first letter large."""
    return text[:1].upper() + text[1:]


def listed(items: Iterable[object], most: int = 8) -> str:
    """``a, b and c``; beyond ``most`` items the rest is counted."""
    names = [str(item) for item in items]
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def quoted(names: Sequence[object], most: int = 8) -> str:
    """The same with each name in backticks, as columns and layers are written."""
    return listed([f"`{name}`" for name in names], most)
