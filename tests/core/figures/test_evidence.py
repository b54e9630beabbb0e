"""Figures of evidence: what is written, where it stands, and that no cell is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures import annotation, attributions, evidence, sankey
from core.figures.style import DARK, LIGHT

OVERLAP = pd.DataFrame(
    {
        "reference": ["B", "B", "B", "T", "T", "T"],
        "query": ["2", "1", "not assigned"] * 2,
        "cells": [9, 20, 3] * 2,
        "jaccard": [0.1, 0.6, 0.05, 0.5, 0.2, 0.04],
        "chance": [0.05] * 6,
        "p_adjusted": [0.2, 1e-9, 0.9, 1e-8, 0.01, 0.9],
    }
)
FLOW = pd.DataFrame({"group": ["1", "1", "2"], "label": ["B", "not assigned", "T"], "cells": [20, 30, 9]})
DOTS = pd.DataFrame(
    {
        "source": ["reference", "query", "query"],
        "cell_type": ["B", "B", "not assigned"],
        "cells": [9, 8, 2],
        "gene": ["CD79A"] * 3,
        "marker_of": ["B"] * 3,
        "share": [0.9, 0.8, 0.1],
        "mean": [2.0, 1.5, 0.1],
        "level": [1.0, 1.0, 0.07],
    }
)
GENES = pd.DataFrame(
    {
        "gene": ["CD79A", "CD3D"],
        "attribution": [0.5, 0.2],
        "spread": [0.1, np.nan],
        "untrained": [0.1, 0.0],
        "marker_rank": [1.0, np.nan],
        "value": [1.0, np.nan],
        "mean_label": [2.0, 0.1],
        "mean_other": [0.1, 2.0],
    }
)
RECALL = pd.DataFrame({"cell_type": ["B", "T"], "recall": [0.7, 0.2], "untrained_recall": [0.3, 0.3], "chance": 0.1})
MARGINS = pd.DataFrame({"replaced": [0, 1, 2], "gene": [None, "CD79A", "CD3D"], "margin": [2.0, 0.5, -1.0]})
MIXING = pd.DataFrame({"space": ["code", "genes"], "cell_type": ["B", "B"], "mixing": [0.9, 0.1]})
COUNTS = pd.DataFrame([[8, 1, 1], [0, 3, 7]], index=["B", "Mast"], columns=["B", "T", "not assigned"])
DRAWINGS = {
    "match": lambda t: evidence.match_heatmap(OVERLAP, t),
    "dots": lambda t: evidence.paired_dots(DOTS, t),
    "identity": lambda t: evidence.identity_heatmap(COUNTS, [0.9, 0.3], t),
    "mixing": lambda t: evidence.mixing_dots(MIXING, t),
    "sankey": lambda t: sankey.flow_sankey(FLOW, t),
    "bars": lambda t: attributions.attribution_bars(GENES, t, type_name="B"),
    "recall": lambda t: attributions.recall_dots(RECALL, t),
    "call": lambda t: attributions.call_bars(GENES, t, by="attribution", spread="spread", x_title="Logit"),
    "margin": lambda t: attributions.margin_line(MARGINS, t, changed=2),
}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_figure_lies_on_the_themes_panel(name: str, theme):
    figure = DRAWINGS[name](theme)
    assert len(figure.data) and figure.layout.template.layout.paper_bgcolor == theme.panel


def test_groups_stand_under_their_best_type_and_only_what_is_beyond_chance_is_written():
    figure = evidence.match_heatmap(OVERLAP)
    (trace,) = figure.data
    assert list(trace.x) == ["1", "2", "not assigned"] and list(trace.y) == ["B", "T"]
    assert trace.text.tolist() == [["<b>.60</b>", "", ""], [".20", "<b>.50</b>", ""]]


def test_long_names_of_columns_are_cut_where_they_stay_apart():
    names = ["CD8+/CD45RA+ Naive Cytotoxic", "B", "CD4+/CD45RO+ Memory"]
    assert evidence.shortened(names) == ["CD8+/CD45…toxic", "B", "CD4+/CD45…emory"]
    alike = ["Epithelial cell of the lung, type 1 alpha", "Epithelial cell of the gut, type 2 alpha"]
    assert evidence.shortened(alike) == alike


def test_both_panels_have_the_same_rows_and_genes():
    figure = evidence.paired_dots(DOTS)
    assert figure.layout.xaxis.ticktext == figure.layout.xaxis2.ticktext == ("<i>CD79A</i>",)
    assert list(figure.layout.yaxis.categoryarray) == ["B", "not assigned"]


def test_shares_are_of_the_whole_row_with_the_cells_without_a_label_in_it():
    figure = evidence.identity_heatmap(COUNTS, [0.9, 0.3])
    np.testing.assert_allclose(np.asarray(figure.data[0].z).sum(axis=1), 100)
    words = [note.text for note in figure.layout.annotations]
    assert words == ["Labelled", "90 %", "30 %"]


def test_the_flow_holds_every_cell_and_ends_with_the_cells_without_a_label():
    (trace,) = sankey.flow_sankey(FLOW).data
    assert sum(trace.link.value) == FLOW["cells"].sum()
    assert trace.node.label[-1] == "not assigned  30"
    assert trace.node.label[:2] == ("2  9", "1  50")  # each as high as its commonest label
    assert list(trace.node.y[:2]) == sorted(trace.node.y[:2]) and list(trace.node.y[2:]) == sorted(trace.node.y[2:])


def test_an_ordered_map_keeps_the_order_and_names_its_groups():
    table = pd.DataFrame([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], index=["c3", "c1", "c2"], columns=["B", "T"])
    figure = annotation.probability_heatmap(table, groups=["B", "B", "T"], in_order=True)
    np.testing.assert_allclose(np.asarray(figure.data[0].z), table.T)
    assert [note.text for note in figure.layout.annotations] == ["B", "T"]
    assert len(figure.layout.shapes) == 1 and figure.layout.shapes[0].x0 == 1.5


def test_the_call_changes_where_the_line_crosses_zero():
    figure = attributions.margin_line(MARGINS, changed=2)
    assert figure.data[1].x == (2,) and figure.layout.annotations[-1].text == "2 genes"


def test_where_the_call_changes_is_written_above_the_line_and_genes_are_counted_whole():
    figure = attributions.margin_line(MARGINS, changed=2)
    written = figure.layout.annotations[-1]
    assert written.y == 0 and written.yanchor == "bottom"
    assert all(float(tick).is_integer() for tick in figure.layout.xaxis.tickvals)


def test_the_last_share_of_the_axis_is_written():
    figure = attributions.recall_dots(RECALL)
    assert figure.layout.xaxis.ticktext[-1] == "100 %" and figure.layout.margin.r >= attributions.LAST_TICK
