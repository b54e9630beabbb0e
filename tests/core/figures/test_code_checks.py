from __future__ import annotations

import numpy as np
import pandas as pd

from core.figures.code_checks import agreement_dots, likeness_heatmap, singular_values, sweep_curves
from core.figures.style import DARK
from core.figures.term_network import unit_terms


def test_agreement_shows_both_measures_and_the_published_one():
    table = pd.DataFrame(
        {
            "name": ["Genes and labels", "Code and labels, per cell"],
            "nmi": [0.7, 0.6],
            "nmi_sd": [0.02, 0.03],
            "ari": [0.5, 0.4],
            "ari_sd": [0.1, 0.1],
            "published": [0.785, 0.761],
        }
    )
    figure = agreement_dots(table, DARK)
    assert [list(trace.x) for trace in figure.data] == [[0.7, 0.6], [0.5, 0.4], [0.785, 0.761]]  # type: ignore[attr-defined]
    assert list(figure.layout.yaxis.ticktext) == list(table["name"])  # type: ignore[attr-defined]


def test_like_units_are_neighbours():
    code = np.random.default_rng(0).normal(size=(200, 3))
    values = np.corrcoef(np.column_stack([code[:, 0], code[:, 1], code[:, 0] + 0.1 * code[:, 2], code[:, 1] * -1]).T)
    names = [f"unit_{number}" for number in range(1, 5)]
    figure = likeness_heatmap(pd.DataFrame(values, names, names))  # type: ignore[arg-type]
    order = [int(name) for name in figure.data[0].x]  # type: ignore[attr-defined]
    assert abs(order.index(1) - order.index(3)) == 1 and abs(order.index(2) - order.index(4)) == 1
    np.testing.assert_allclose(np.diag(figure.data[0].z), 1)  # type: ignore[attr-defined]
    assert likeness_heatmap(pd.DataFrame([[1.0]], ["unit_1"], ["unit_1"])).data  # type: ignore[arg-type]


def test_a_line_for_each_weight_named_at_its_end():
    epochs = pd.DataFrame({"weight": [0, 0, 0.1, 0.1], "epoch": [1, 2, 1, 2], "norm": [5.0, 6.0, 5.0, 3.0]})
    figure = sweep_curves(epochs, value="norm", title="Norm of the code")
    assert [list(trace.y) for trace in figure.data] == [[5, 6], [5, 3]]  # type: ignore[attr-defined]
    assert [note.text for note in figure.layout.annotations] == ["0", "0.1"]  # type: ignore[attr-defined]


def test_singular_values_that_vanish_can_be_drawn():
    values = pd.DataFrame({"number": [1, 2], "value": [3.0, 0.0]})
    assert singular_values(values).data[0].y[0] == 3  # type: ignore[attr-defined]


def test_a_link_of_the_network_says_its_genes_and_its_p():
    links = pd.DataFrame(
        {
            "unit": ["unit_1", "unit_2", "unit_2"],
            "term": ["E2F targets", "E2F targets", "Hypoxia"],
            "strength": [9.0, 3.0, 2.0],
            "genes": [20, 12, 8],
        }
    )
    figure = unit_terms(links, selected="unit_1")
    words = [text for trace in figure.data if trace.customdata is not None for text in map(str, trace.customdata)]  # type: ignore[attr-defined]
    assert "Unit 1, E2F targets<br>20 genes, adjusted p 1e-09" in words
    widths = [trace.line.width for trace in figure.data if trace.mode == "lines"]  # type: ignore[attr-defined]
    assert widths[0] > widths[1] > widths[2] and len(widths) == 3
