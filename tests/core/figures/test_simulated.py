"""Real and simulated cells as pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.simulated import MOST_POINTS, component_overlap, mean_variance, zero_shares
from core.figures.style import DARK, LIGHT

GENES = pd.DataFrame(
    {
        "cell_type": ["DC"] * 6 + ["B"],
        "gene": ["g1", "g2", "g3"] * 2 + ["g1"],
        "set": ["real"] * 3 + ["simulated"] * 3 + ["real"],
        "mean": [1.0, 10, 0, 1.1, 9, 0.1, 5],
        "variance": [2.0, 90, 0, 2, 80, 0.1, 5],
        "zeros": [0.5, 0.1, 1, 0.45, 0.12, 0.9, 0.2],
    }
)
CELLS = pd.DataFrame(
    {"cell_type": ["DC", "B", "DC"], "set": ["real", "real", "simulated"], "x": [0.0, 1, 2], "y": [1.0, 2, 3]}
)


def test_genes_of_the_type_are_drawn_by_set_and_those_without_variance_are_not():
    figure = mean_variance(GENES, "DC")
    drawn = {trace.name: list(trace.x) for trace in figure.data if trace.name}
    assert drawn == {"real": [1, 10], "simulated": [1.1, 9, 0.1]}
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_the_dashed_line_is_where_variance_is_the_mean():
    line = mean_variance(GENES, "DC").data[0]
    assert list(line.x) == list(line.y) and line.line.dash


def test_zeros_of_one_gene_meet():
    dots = zero_shares(GENES, "DC").data[1]
    assert list(zip(dots.customdata, dots.x, dots.y, strict=True)) == [
        ("g1", 0.5, 0.45),
        ("g2", 0.1, 0.12),
        ("g3", 1, 0.9),
    ]


def test_real_cells_are_dots_above_the_rings_of_simulated_ones():
    figure = component_overlap(CELLS, explained=(0.314, 0.1))
    names = [trace.name for trace in figure.data]
    assert names == ["DC, simulated", "B, simulated", "DC, real", "B, real"]
    assert figure.data[0].marker.color == "rgba(0,0,0,0)" and figure.data[2].marker.color == LIGHT.cell_types["DC"]
    assert figure.layout.xaxis.title.text == "Component 1 (31.4 %)"
    assert component_overlap(CELLS).layout.yaxis.title.text == "Component 2"


def test_many_genes_are_thinned_the_same_way_each_time():
    n = 3 * MOST_POINTS
    values = np.random.default_rng(0).lognormal(size=n)
    many = pd.DataFrame({"cell_type": "DC", "gene": range(n), "set": "real", "mean": values, "variance": values})
    first, again = (mean_variance(many, "DC").data[2] for _ in range(2))
    assert len(first.x) == MOST_POINTS
    np.testing.assert_array_equal(first.x, again.x)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_pictures_are_svg_on_the_themes_panel_with_few_ticks(theme):
    for figure in (mean_variance(GENES, "DC", theme), zero_shares(GENES, "DC", theme), component_overlap(CELLS, theme)):
        assert figure.layout.template.layout.paper_bgcolor == theme.panel
        assert all(trace.type == "scatter" for trace in figure.data)
        for one in (figure.layout.xaxis, figure.layout.yaxis):
            assert one.title.text and (one.tickvals is None or len(one.tickvals) <= 5)


def test_a_type_without_genes_gives_an_empty_picture():
    assert not [len(trace.x) for trace in mean_variance(GENES, "NK").data[1:] if len(trace.x)]
