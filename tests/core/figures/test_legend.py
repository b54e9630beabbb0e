from __future__ import annotations

import plotly.graph_objects as go

from core.figures.legend import LINE, Entry, short_legend, words_width
from core.figures.style import LIGHT, chart

TYPES = [
    Entry("CD4 T", "#E69F00"),
    Entry("DC", "#F0E442", "#8F8400", mark="circle"),
    Entry("chance", "#AD3A00", mark="dash"),
]


def legend(width: int = 400, **more: int) -> go.Figure:
    figure = chart(theme=LIGHT)
    short_legend(figure, TYPES, LIGHT, width=width, above=30, **more)
    return figure


def test_every_entry_has_its_name_and_a_mark_in_its_colour_and_shape():
    figure = legend()
    assert [note.text for note in figure.layout.annotations] == ["CD4 T", "DC", "chance"]
    assert [(mark.type, mark.line.color) for mark in figure.layout.shapes] == [
        ("rect", "#E69F00"),
        ("circle", "#8F8400"),
        ("line", "#AD3A00"),
    ]


def test_words_without_a_colour_have_no_mark_and_are_muted():
    figure = chart(theme=LIGHT)
    short_legend(figure, [Entry("line width: strength")], LIGHT, width=400, above=0)
    assert not figure.layout.shapes and figure.layout.annotations[0].font.color == LIGHT.muted


def test_a_line_too_wide_is_broken_and_its_room_kept_free():
    assert legend().layout.margin.b == 30 + LINE
    narrow = legend(width=60)
    assert narrow.layout.margin.b == 30 + 3 * LINE
    heights = [note.yshift for note in narrow.layout.annotations]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 3


def test_the_legend_may_begin_left_of_the_plot():
    assert legend(left=100).layout.shapes[0].x0 == -100


def test_capitals_are_taken_as_wider_than_narrow_letters():
    assert words_width("MMM") > words_width("ccc") > words_width("iii")
