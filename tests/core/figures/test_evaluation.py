from __future__ import annotations

import pandas as pd
import pytest

from core.figures.evaluation import baseline_bars, written

VALUES = pd.DataFrame({"method": ["NMF", "Ours"], "value": [0.18, 0.19], "low": [0.17, 0.18], "high": [0.2, 0.21]})


def test_bars_lie_in_the_order_given_with_their_numbers_behind_them():
    figure = baseline_bars(VALUES, value_title="Error", ours="Ours", paper=0.1)
    assert list(figure.data[0].y) == ["NMF", "Ours"] and list(figure.data[0].x) == [0.18, 0.19]
    assert figure.layout.yaxis.range == (1.5, -0.5)
    said = [note.text for note in figure.layout.annotations]
    assert said == ["0.18", "<b>0.19</b>", "paper: 0.1"]
    assert figure.layout.xaxis.range[1] > 0.21


@pytest.mark.parametrize(("value", "read"), [(0.1881, "0.188"), (-0.5, "−0.5"), (1e-15, "1 × 10<sup>−15</sup>")])
def test_numbers_are_short_with_a_true_minus(value: float, read: str):
    assert written(value) == read
