from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.gene_gradients import LOWEST_ROW, gradient_heatmaps
from core.figures.style import DARK, LIGHT


def table(types: int, genes: int) -> pd.DataFrame:
    values = np.arange(types * genes, dtype=float).reshape(types, genes) - genes
    return pd.DataFrame(values, [f"type {n}" for n in range(types)], [f"GENE{n}" for n in range(genes)])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_panels_stand_below_each_other_on_one_scale_with_genes_equally_wide(theme):
    panels = [("Absolute", table(3, 8)), ("Positive", table(3, 5)), ("Negative", table(3, 6))]
    figure = gradient_heatmaps(panels, theme, title="Gradient", limit=2.0, height=500)
    assert [(trace.zmin, trace.zmax) for trace in figure.data] == [(-2.0, 2.0)] * 3
    assert [trace.showscale for trace in figure.data] == [True, False, False]
    assert [note.text for note in figure.layout.annotations] == [
        "<b>Absolute</b>",
        "<b>Positive</b>",
        "<b>Negative</b>",
    ]
    axes = [figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3]
    assert {axis.range for axis in axes} == {(-0.5, 7.5)}
    assert axes[1].ticktext == tuple(f"<i>GENE{n}</i>" for n in range(5))
    ends = [axis.domain for axis in (figure.layout.yaxis, figure.layout.yaxis2, figure.layout.yaxis3)]
    assert all(0 <= low < high <= 1 for low, high in ends) and ends[0][0] > ends[1][1] > ends[1][0] > ends[2][1]
    assert figure.layout.height == 500


def test_rows_stay_high_enough_to_be_read():
    figure = gradient_heatmaps([("Absolute", table(60, 5))], title="Gradient", limit=1.0, height=200)
    low, high = figure.layout.yaxis.domain
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    assert (high - low) * inside == pytest.approx(60 * LOWEST_ROW, abs=1)


def test_a_long_name_is_cut_below_its_column_and_whole_under_the_pointer():
    named = table(2, 1).set_axis(["RP11-664D1.1"], axis=1)
    figure = gradient_heatmaps([("Absolute", named)], title="Gradient", limit=1.0, height=200)
    assert figure.layout.xaxis.ticktext == ("<i>RP11-664D…</i>",)
    assert figure.data[0].customdata[0][0] == "<i>RP11-664D1.1</i>"
