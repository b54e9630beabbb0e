from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.specs import ObjectiveSpec, TrainSpec
from pages.ui.fields import settings
from pages.ui.widgets import steps


def page() -> None:
    import streamlit as st

    from core.specs import LayerSpec, ObjectiveSpec, ReconstructionSpec, TrainSpec
    from pages.ui import forms

    st.session_state.setdefault("layer", LayerSpec(dropout=0.2))
    st.session_state["layer"] = forms.edit(st.session_state["layer"], "network.code.r1")
    st.session_state["training"] = forms.edit(TrainSpec(), "training.r1", ["learning_rate", "patience", "members"])
    st.session_state["objective"] = forms.edit(ObjectiveSpec(reconstruction=ReconstructionSpec()), "objective.r1")


def run() -> AppTest:
    test = AppTest.from_function(page, default_timeout=30).run()
    assert not test.exception
    return test


def test_what_is_not_touched_stays_as_it_was():
    test = run()
    assert test.session_state["layer"].dropout == 0.2
    assert test.session_state["training"] == TrainSpec()


def test_each_kind_of_widget_changes_its_setting():
    test = run()
    test.slider("network.code.r1.dropout").set_value(0.35)
    test.number_input("network.code.r1.units").set_value(30)
    test.selectbox("network.code.r1.activation").set_value("softplus")
    test.toggle("network.code.r1.norm_after").set_value(True)
    test.select_slider("training.r1.learning_rate").set_value(0.01)
    test.number_input("training.r1.patience").set_value(None)
    test.run()
    layer, training = test.session_state["layer"], test.session_state["training"]
    assert (layer.dropout, layer.units, layer.activation, layer.norm_after) == (0.35, 30, "softplus", True)
    assert training.learning_rate == 0.01 and training.patience is None


def test_a_head_is_switched_on_with_its_own_settings():
    test = run()
    test.toggle("objective.r1.classes#on").set_value(True)
    test.run()
    test.number_input("objective.r1.classes.weight").set_value(0.5)
    test.run()
    assert test.session_state["objective"].classes.weight == 0.5


def test_settings_that_do_not_fit_are_refused_in_three_parts_and_the_old_spec_holds():
    test = run()
    test.toggle("objective.r1.reconstruction#on").set_value(False)
    test.run()
    assert not test.exception and test.session_state["objective"].reconstruction is not None


def test_bounds_and_words_come_from_the_spec():
    known = settings(TrainSpec)
    assert known["learning_rate"].kind == "log" and known["momentum"].kind == "share"
    assert known["batch_size"].low == 1 and known["patience"].optional
    assert known["epochs"].help == TrainSpec.model_fields["epochs"].description
    assert settings(ObjectiveSpec)["classes"].kind == "group"


def test_a_slider_over_decades_holds_the_present_value_and_zero_where_it_may():
    options = steps(0, 1, 3e-4)
    assert options[0] == 0 and 3e-4 in options and 1.0 in options and options == sorted(options)
    assert min(steps(1e-3, 1, None)) == 1e-3


def folded_page() -> None:
    from core.specs import EvaluateSpec
    from pages.ui import forms

    forms.edit(EvaluateSpec(folds=3), "shown", ["folds"])
    forms.edit(EvaluateSpec(folds=3), "hidden", ["folds"], folded=True)


def test_widgets_in_a_popover_are_sent_their_value_on_every_run():
    test = AppTest.from_function(folded_page, default_timeout=30).run().run()
    sent = {number.key: (number.value, number.proto.set_value) for number in test.number_input}
    assert sent == {"shown.folds": (3, False), "hidden.folds": (3, True)}
