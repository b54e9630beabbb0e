"""What all figures share, and the exact content of those whose marks are computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures import (
    agreement,
    annotation,
    bland_altman,
    codes,
    composition,
    depth,
    embedding,
    errors,
    evaluation,
    features,
    labels,
    pathways,
    placement,
    term_network,
    units,
)
from core.figures.style import DARK, LIGHT

TYPES = ["CD4 T", "B", "DC"]
STEPS = pd.DataFrame({"step": ["In the reference", "Mean < 1"], "genes": [13714, 464]})
SHARES = pd.DataFrame([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]], index=["s1", "s2", "s3"], columns=TYPES)
LONG = pd.DataFrame(
    {
        "sample": ["s1", "s1", "s2"],
        "cell_type": ["B", "DC", "B"],
        "expected": [0.2, 0.1, 0.4],
        "predicted": [0.3, 0.1, 0.3],
    }
)
IMPACT = pd.DataFrame([[0.1, 0.9], [0.4, 0.2]], index=["Apoptosis", "E2F targets"], columns=["unit_1", "unit_2"])
CELLS = pd.DataFrame({"x": [0.0, 1.0, 2.0, 5.0], "y": [0.0, 1.0, 2.0, 5.0], "label": ["B"] * 3 + ["NK"]})
CELLS["value"] = [3.0, 1.0, 2.0, 0.0]
LINKS = pd.DataFrame(
    {"unit": ["unit_3", "unit_3", "unit_4"], "term": ["A", "C", "A"], "strength": [3.0, 1.0, 2.0], "genes": [9, 4, 3]}
)
QUALITY = pd.DataFrame({"counts": [10.0, 200.0, 900.0], "genes": [5.0, 90.0, 300.0]})
SCORES = pd.DataFrame({"method": ["ours", "PCA"], "measure": "CCC", "mean": [0.7, 0.5]})
SCORES["low"], SCORES["high"] = SCORES["mean"] - 0.1, SCORES["mean"] + 0.1
INTERVALS = pd.DataFrame({"cell_type": TYPES, "proportion": [0.5, 0.3, 0.2]})
INTERVALS["low"], INTERVALS["high"] = INTERVALS["proportion"] - 0.1, INTERVALS["proportion"] + 0.1
ERRORS = pd.DataFrame({"cell_type": TYPES, "mean": [0.1] * 3, "sd": [0.01] * 3})
CONTROL = SHARES.iloc[:2].set_axis(IMPACT.index)

DRAWINGS = {
    "units": lambda t: units.unit_health(pd.DataFrame({"unit": [1, 2], "state": ["working", "silent"]}), t),
    "depth": lambda t: depth.depth_lines(pd.DataFrame({"set": ["a"] * 3, "counts": [1.0, 2.0, 3.0]}), t),
    "histogram": lambda t: depth.quality_histogram(QUALITY, "counts", t, low=100),
    "scatter": lambda t: depth.quality_scatter(QUALITY, np.array([False, True, True]), t),
    "labels": lambda t: labels.cells_per_type(pd.DataFrame({"cell_type": TYPES, "cells": [1180, 4, 2]}), t),
    "search": lambda t: features.search_trace(
        pd.DataFrame({"rule": ["a", "a", "b"], "taken": [100, 200, 100], "found": [30, 80, 20]}), t, used="a", target=60
    ),
    "steps": lambda t: features.step_bars(STEPS, t),
    "overlap": lambda t: features.overlap_bars(
        pd.DataFrame({"R": [True, True], "Q": [True, False], "genes": [5, 3], "used": [True, False]}), ["R", "Q"], t
    ),
    "markers": lambda t: features.marker_dots(
        pd.DataFrame({"cell_type": ["B"], "gene": ["CD79A"], "share": [0.9], "level": [1.0]}), t
    ),
    "bars": lambda t: composition.composition_bars(SHARES, t, groups=["b", "a", "b"], selected="s2"),
    "heatmap": lambda t: composition.composition_heatmap(SHARES, t),
    "intervals": lambda t: composition.sample_intervals(INTERVALS, t),
    "methods": lambda t: agreement.method_dots(SCORES, t, floor=0.6, ours="ours"),
    "expected": lambda t: agreement.expected_against_predicted(LONG, t, title="CCC 0.71"),
    "bland_altman": lambda t: bland_altman.bland_altman(LONG, t),
    "errors": lambda t: errors.error_bars(ERRORS, t),
    "coverage": lambda t: annotation.coverage_curve(
        pd.DataFrame({"coverage": [0.5, 1.0], "accuracy": [0.99, 0.92], "low": [0.98, 0.9], "high": [1.0, 0.94]}),
        t,
        labelled=0.94,
        right=0.933,
    ),
    "reliability": lambda t: annotation.reliability(
        pd.DataFrame({"probability": [0.5, 0.9], "accuracy": [0.4, 0.9], "cells": [3, 30]}), t
    ),
    "confusion": lambda t: annotation.confusion_heatmap(
        pd.DataFrame([[3, 1], [0, 0]], index=["B", "NK"], columns=["B", "NK"]), t
    ),
    "probabilities": lambda t: annotation.probability_heatmap(SHARES, t),
    "per_type": lambda t: annotation.per_type_bars(
        pd.DataFrame({"cell_type": ["B"], "precision": [0.9], "recall": [0.8], "f1": [0.85]}), t
    ),
    "impact": lambda t: pathways.impact_heatmap(IMPACT, t, beyond=IMPACT > 0.5, selected=("Apoptosis", "unit_2")),
    "panels": lambda t: pathways.impact_panels(IMPACT, IMPACT / 3, CONTROL, t),
    "difference": lambda t: pathways.difference_heatmap(IMPACT - 0.5, t),
    "signed": lambda t: pathways.impact_panels(IMPACT - 0.5, IMPACT / 3, CONTROL, t, around_zero=True, x_title=""),
    "overlaid": lambda t: pathways.overlaid_heatmap(IMPACT, IMPACT - 0.5, t),
    "violins": lambda t: codes.unit_violins(
        pd.DataFrame({"cell_type": ["B"] * 3 + ["NK"] * 3, "value": [0.0, 0.1, 0.2, 0.7, 0.8, 0.9]}), "unit 3", t
    ),
    "genes": lambda t: codes.gene_changes(pd.DataFrame({"gene": ["GNLY", "LTB"], "change": [0.98, -0.35]}), t),
    "terms": lambda t: term_network.unit_terms(LINKS, t, selected="unit_3"),
    "by_label": lambda t: embedding.embedding_by_label(CELLS, t, legend=True),
    "by_value": lambda t: embedding.embedding_by_value(CELLS, "Unit 3", t),
    "bands": lambda t: evaluation.value_bands(
        pd.DataFrame({"at": [10, 20], "method": "ours", "mean": [0.5, 0.4], "low": [0.4, 0.3], "high": [0.6, 0.5]}),
        t,
        x_title="Numbers in the code",
        y_title="Error",
        paper=15,
    ),
    "differences": lambda t: evaluation.difference_dots(
        pd.DataFrame({"split": [1, 2], "method": "ours", "difference": [-0.1, 0.2]}), t, y_title="Error minus PCA"
    ),
    "baselines": lambda t: evaluation.baseline_bars(
        pd.DataFrame({"method": ["ours", "PCA"], "value": [0.4, 0.5]}), t, value_title="Error", ours="ours", paper=0.1
    ),
}
NO_AXIS_TITLE = {"units", "labels", "by_label", "by_value", "terms"}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_figure_is_svg_on_the_themes_panel_with_a_title_on_each_numeric_axis(name, theme):
    figure = DRAWINGS[name](theme)
    assert len(figure.data)
    assert figure.layout.template.layout.paper_bgcolor == theme.panel
    assert not [trace.type for trace in figure.data if trace.type.endswith("gl")]
    for layout_axis in [*figure.select_xaxes(), *figure.select_yaxes()]:
        named = layout_axis.type == "category" or _names(layout_axis.ticktext)
        if named or layout_axis.visible is False or name in NO_AXIS_TITLE:
            continue
        assert layout_axis.title.text
        assert layout_axis.tickvals is None or len(layout_axis.tickvals) <= 5


def test_units_are_counted_by_state():
    figure = units.unit_health(pd.DataFrame({"unit": [1, 2, 3], "state": ["working", "silent", "working"]}), columns=2)
    assert [trace.name for trace in figure.data[1:]] == ["2 working", "0 saturated", "1 silent"]
    np.testing.assert_array_equal(figure.data[0].z, [[0.0, 2.0], [0.0, np.nan]])


def test_density_has_its_peak_where_the_cells_are():
    at, height = depth.density(np.full(50, 30.0), 0.0, 100.0)
    assert abs(at[height.argmax()] - 30) < 1
    assert height.max() == 1
    np.testing.assert_array_equal(depth.density(np.array([]), 0.0, 1.0)[1], 0)


def test_bars_beyond_a_threshold_are_grey():
    figure = depth.quality_histogram(QUALITY, "counts", low=100, high=500)
    colours = np.asarray(figure.data[0].marker.color)
    assert colours[0] == LIGHT.bar
    assert colours[-1] == LIGHT.bar
    assert LIGHT.training in colours


def test_each_step_has_a_bar_with_what_was_asked_and_how_many_genes_were_left():
    figure = features.step_bars(STEPS)
    assert list(figure.data[0].x) == [13714, 464] and figure.data[0].marker.color[-1] == LIGHT.primary
    assert [note.text for note in figure.layout.annotations] == [
        *("In the reference", "<b>13,714</b>", "Mean &lt; 1", "<b>464</b>"),
    ]


def test_the_round_that_reaches_the_target_is_ringed():
    ring = [trace for trace in DRAWINGS["search"](LIGHT).data if trace.marker.size == 12]
    assert [(list(trace.x), list(trace.y)) for trace in ring] == [([200], [80])]


def test_names_of_rules_lie_inside_the_plot_and_apart():
    trace = pd.DataFrame({"rule": ["a", "b", "c"], "taken": [100, 1000, 1000], "found": [90, 80, 81]})
    figure = features.search_trace(trace, used="a", target=60, titles={"b": "Rule B", "c": "Rule C"})
    names = {note.text: note for note in figure.layout.annotations}
    assert [names[name].xanchor for name in ("a, used", "Rule B", "Rule C")] == ["left", "right", "right"]
    assert names["Rule C"].y - names["Rule B"].y >= 0.06 * figure.layout.yaxis.range[1]


def test_the_long_name_of_a_rule_above_a_short_line_begins_at_the_axis():
    trace = pd.DataFrame({"rule": ["a", "b"], "taken": [400, 1000], "found": [90, 80]})
    figure = features.search_trace(trace, used="a", target=60, titles={"a": "Variable genes and markers of each type"})
    name = next(note for note in figure.layout.annotations if note.text.endswith(", used"))
    assert (name.xref, name.x, name.xanchor) == ("paper", 0, "left")


def test_groups_stand_together_and_the_chosen_sample_is_framed():
    figure = DRAWINGS["bars"](LIGHT)
    assert list(figure.layout.xaxis.ticktext) == ["<b>s2</b>", "s1", "s3"]
    frame = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert frame.x0 < figure.layout.xaxis.tickvals[0] < frame.x1


def test_confusion_shows_shares_of_the_row_and_none_for_an_empty_one():
    np.testing.assert_allclose(DRAWINGS["confusion"](LIGHT).data[0].z, [[75, 25], [0, 0]])


def test_bland_altman_draws_the_mean_and_its_limits():
    difference = np.array([0.1, 0.0, -0.1])
    spread = 1.96 * difference.std(ddof=1)
    drawn = sorted(shape.y0 for shape in bland_altman.bland_altman(LONG).layout.shapes)
    np.testing.assert_allclose(drawn, [-100 * spread, 0, 100 * spread], atol=1e-9)


def test_panels_share_one_scale_and_dots_lie_beyond_chance():
    figure = DRAWINGS["panels"](LIGHT)
    assert {(trace.zmin, trace.zmax) for trace in figure.data if trace.type == "heatmap"} == {(0, 1)}
    dots = DRAWINGS["impact"](LIGHT).data[1]
    assert list(zip(dots.x, dots.y, strict=True)) == [("2", "Apoptosis")]


def test_marks_say_sign_and_size_of_a_difference_on_top_of_all_cells():
    tiles, up, down = DRAWINGS["overlaid"](LIGHT).data
    assert (tiles.zmin, tiles.zmax) == (0, 1) and (up.marker.symbol, down.marker.symbol) == (
        "triangle-up",
        "triangle-down",
    )
    assert list(zip(up.x, up.y, strict=True)) == [("2", "Apoptosis")]
    assert list(zip(down.x, down.y, strict=True)) == [("1", "Apoptosis"), ("1", "E2F targets"), ("2", "E2F targets")]
    assert up.marker.size[0] == max(*up.marker.size, *down.marker.size)
    np.testing.assert_allclose(down.customdata, [1.0, 0.25, 0.75])
    signed = DRAWINGS["signed"](LIGHT).data
    assert {(trace.zmin, trace.zmax) for trace in signed} == {(-1, 1)}


def test_violins_are_ordered_by_median():
    assert DRAWINGS["violins"](LIGHT).layout.yaxis.categoryarray == ("NK", "B")


def test_names_stand_at_the_median_of_their_cells():
    notes = {note.text: (note.x, note.y) for note in DRAWINGS["by_label"](LIGHT).layout.annotations}
    assert notes["B"] == (1.0, 1.0)


def test_high_values_are_drawn_last():
    assert list(DRAWINGS["by_value"](LIGHT).data[0].marker.color) == [0.0, 1.0, 2.0, 3.0]


def test_the_network_layout_repeats_and_keeps_linked_nodes_closer():
    place = placement.layout(6, [(0, 1), (2, 3)])
    np.testing.assert_array_equal(place, placement.layout(6, [(0, 1), (2, 3)]))
    assert place.min() == 0
    assert place.max() == 1
    assert np.linalg.norm(place[0] - place[1]) < np.linalg.norm(place[0] - place[4])


def test_a_name_avoids_the_edge_that_leaves_its_node():
    sides = placement.name_places(np.array([[0.2, 0.5], [0.9, 0.5]]), [(0, 1)], ["term"], 0, (500, 300))
    assert sides[0].xanchor != "left"


def _names(texts) -> bool:
    return texts is not None and any(not any(letter.isdigit() for letter in text) or "<" in text for text in texts)
