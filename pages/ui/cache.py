"""Results kept in memory under content keys, never under arrays: Streamlit samples large arrays when it hashes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

T = TypeVar("T")

TABLES_KEPT = 128
OBJECTS_KEPT = 8


def table(key: str, make: Callable[[], T]) -> T:
    """A small result (table, figure, list), made once for ``key``; every caller gets a copy of its own.

    Parameters
    ----------
    key
        Content key of everything the result depends on: ``content_key("impact", run.directory.name, spec)``.
    make
        Makes the result; called only where nothing is kept under ``key``.
    """
    return _table(key, make)


def shared(key: str, make: Callable[[], T]) -> T:
    """A large object (a read-only AnnData, a model), made once for ``key`` and shared by all tabs: never change it."""
    return _shared(key, make)


def forget() -> None:
    """Drop everything kept."""
    _table.clear()
    _shared.clear()


@st.cache_data(max_entries=TABLES_KEPT, show_spinner=False)
def _table(key: str, _make: Callable[[], T]) -> T:
    return _make()


@st.cache_resource(max_entries=OBJECTS_KEPT, show_spinner=False)
def _shared(key: str, _make: Callable[[], T]) -> T:
    return _make()
