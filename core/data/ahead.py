"""The next part made by another thread while this one is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
END = object()


def ahead(parts: Iterable[Part]) -> Iterator[Part]:
    """``parts`` in their order; two of them are in memory at a time. An error comes where its part would."""
    source = iter(parts)
    with ThreadPoolExecutor(1, "ahead") as maker:
        coming = maker.submit(next, source, END)
        while (part := coming.result()) is not END:
            coming = maker.submit(next, source, END)
            yield part  # pyright: ignore[reportReturnType]
