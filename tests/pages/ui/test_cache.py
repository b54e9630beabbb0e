from __future__ import annotations

from pages.ui import cache


def test_a_result_is_made_once_for_its_key():
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [len(made)]

    cache.forget()
    assert cache.table("a", make) == cache.table("a", make) == [1]
    assert cache.table("b", make) == [2]


def test_a_table_is_a_copy_and_a_shared_object_is_not():
    cache.forget()
    assert cache.table("a", list) is not cache.table("a", list)
    assert cache.shared("a", list) is cache.shared("a", list)
