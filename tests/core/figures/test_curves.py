from __future__ import annotations

import numpy as np
import pandas as pd

from core.figures.curves import loss_curves, loss_terms, smoothed
from core.figures.style import LIGHT, apart

METRICS = pd.DataFrame(
    {
        "epoch": [1, 2, 3, 1, 2, 3],
        "split": ["training"] * 3 + ["validation"] * 3,
        "loss": [3.0, 2.0, 1.0, 4.0, 3.0, 2.5],
    }
)


def test_training_is_blue_validation_vermillion_and_both_are_named_at_their_end():
    figure = loss_curves(METRICS)
    assert [(trace.name, trace.line.color) for trace in figure.data] == [
        ("Training", LIGHT.training),
        ("Validation", LIGHT.validation),
    ]
    assert [note.text for note in figure.layout.annotations] == ["Training<br>1.000", "Validation<br>2.500"]
    assert all(trace.type == "scatter" for trace in figure.data)


def test_best_epoch_and_planned_epochs_are_shown():
    figure = loss_curves(METRICS, best=2, epochs=10)
    assert figure.layout.shapes[0].x0 == 2
    assert tuple(figure.layout.xaxis.range) == (0, 10)


def test_a_run_that_goes_on_leaves_room_for_its_next_epochs_and_names_lines_inside_it():
    figure = loss_curves(METRICS, epochs=400)
    assert tuple(figure.layout.xaxis.range) == (0, 20)
    assert figure.layout.annotations[0].text == "Training 1.000"
    longer = loss_curves(METRICS.assign(epoch=[1, 2, 30, 1, 2, 30]), epochs=400)
    assert tuple(longer.layout.xaxis.range) == (0, 80)


def test_a_loss_below_zero_has_a_minus_sign_and_epochs_are_whole():
    figure = loss_curves(METRICS.assign(epoch=[1, 2, 12, 1, 2, 12], loss=[0.4, 0.2, -0.1, 0.4, 0.1, -0.05]))
    assert [note.text for note in figure.layout.annotations] == ["Training<br>−0.100", "Validation<br>−0.050"]
    assert all(tick == int(tick) for tick in figure.layout.xaxis.tickvals)


def test_several_runs_have_a_colour_each_and_dotted_training():
    both = pd.concat([METRICS.assign(run="Run 1"), METRICS.assign(run="Run 2")])
    figure = loss_curves(both)
    assert [trace.line.dash for trace in figure.data] == ["dot", "solid"] * 2
    assert [note.text for note in figure.layout.annotations] == ["Run 1<br>2.500", "Run 2<br>2.500"]


def test_log_axis_survives_a_loss_of_zero():
    figure = loss_curves(METRICS.assign(loss=[1.0, 0.1, 0.0, 1.0, 0.5, 0.2]), log=True)
    assert np.isfinite(figure.layout.yaxis.range).all()


def test_another_value_is_drawn_with_its_reference_line():
    speed = METRICS.rename(columns={"loss": "cells_per_second"}).assign(cells_per_second=12_345.6)
    figure = loss_curves(speed, value="cells_per_second", y_title="Cells per second", level=(40_000.0, "peak 40,000"))
    assert figure.layout.shapes[0].y0 == 40_000 and figure.layout.yaxis.range[1] > 40_000
    words = [note.text for note in figure.layout.annotations]
    assert "peak 40,000" in words and "Training<br>12,346" in words
    assert loss_curves(METRICS.assign(loss=0.00012)).layout.annotations[0].text == "Training<br>0.00012"


def test_no_epoch_yet_gives_an_empty_chart():
    assert loss_curves(METRICS.iloc[:0]).data == ()


def test_smoothing_is_a_weighted_mean_without_bias():
    np.testing.assert_allclose(smoothed(np.array([2.0, 2.0, 2.0]), 0.9), 2.0)
    np.testing.assert_allclose(smoothed(np.array([1.0, 4.0]), 0.5), [1.0, 3.0])


def test_terms_stand_side_by_side_with_their_weight():
    terms = METRICS.rename(columns={"loss": "value"}).assign(term="reconstruction")
    figure = loss_terms(pd.concat([terms, terms.assign(term="classes")]), weights={"classes": 0.5})
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}
    assert "weight 0.5" in figure.layout.annotations[1].text


def test_terms_follow_the_scale_and_the_smoothing_of_the_total():
    terms = METRICS.rename(columns={"loss": "value"}).assign(term="reconstruction")
    assert loss_terms(terms, log=True).layout.yaxis.type == "log"
    flat = loss_terms(terms, smoothing=0.9).data[0].y
    assert np.ptp(flat) < np.ptp(loss_terms(terms).data[0].y)


def test_names_that_would_touch_are_pushed_apart_by_as_little_as_is_needed():
    np.testing.assert_allclose(apart([10.0, 12.0, 100.0], 18.0), [2.0, 20.0, 100.0])
