from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.style import DARK, LIGHT, canonical, label_colours


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("CD14+ Mono", "CD14 Mono"),
        ("CD14+ Monocytes", "CD14 Mono"),
        ("FCGR3A+ Mono", "CD16 Mono"),
        ("FCGR3A+ Monocytes", "CD16 Mono"),
        ("CD4 T cells", "CD4 T"),
        ("CD8+ T", "CD8 T"),
        ("NK cells", "NK"),
        ("B cells", "B"),
        ("Dendritic cells", "DC"),
        ("Megakaryocytes", "Platelet"),
        ("Unassigned", "not assigned"),
        ("Naive B", None),
    ],
)
def test_common_spellings_are_known(spelling, name):
    assert canonical(spelling) == name


def test_fixed_colours_of_both_themes():
    assert label_colours(["B", "NK"]) == {"B": "#0072B2", "NK": "#CC79A7"}
    assert label_colours(["B", "NK"], theme=DARK) == {"B": "#3E9BD6", "NK": "#D68FB6"}


def test_the_files_own_colours_win_and_are_not_given_twice():
    colours = label_colours(["B", "x"], own={"B": "#e69f00"})
    assert colours["B"] == "#e69f00"
    assert colours["x"] == "#56B4E9"


def test_other_labels_take_unused_okabe_ito_colours_in_order():
    assert list(label_colours(["CD4 T", "alpha", "beta"]).values()) == ["#E69F00", "#56B4E9", "#009E73"]


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=60, unique=True), st.randoms())
def test_colours_differ_and_do_not_depend_on_the_order(labels, random):
    colours = label_colours(labels)
    shuffled = random.sample(labels, len(labels))
    assert label_colours(shuffled) == colours
    assert len(set(colours.values())) == len(labels)


def test_of_two_spellings_of_one_type_the_same_one_has_its_colour_in_any_order():
    assert label_colours(["b", "B"]) == label_colours(["B", "b"])


def test_more_labels_than_colours_still_get_one_each():
    assert len(label_colours(range(400), theme=LIGHT)) == 400


def test_labels_that_come_first_keep_their_colours_whatever_is_shown_beside_them():
    types = ["alpha", "beta", "B"]
    whole = label_colours(types)
    shown = label_colours(["aardvark", "beta", "CD19 B", "b"], first=types)
    assert shown["beta"] == whole["beta"]
    assert not {shown["aardvark"], shown["CD19 B"], shown["b"]} & set(whole.values())
