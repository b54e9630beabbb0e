from __future__ import annotations

import threading

import pytest

from core.data.ahead import ahead


def test_parts_come_in_their_order():
    assert list(ahead(range(50))) == list(range(50))
    assert list(ahead([])) == []


def test_one_part_is_made_while_another_is_worked_on():
    made = []

    def parts():
        for number in range(5):
            made.append((number, threading.current_thread() is threading.main_thread()))
            yield number

    coming = ahead(parts())
    assert next(coming) == 0
    assert next(coming) == 1
    coming.close()
    assert len(made) <= 3
    assert not any(here for _, here in made)


def test_an_error_comes_where_its_part_would():
    def parts():
        yield 1
        raise ValueError("the disk is gone")

    coming = ahead(parts())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="disk is gone"):
        next(coming)
