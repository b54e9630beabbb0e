from __future__ import annotations

from core.runs import history


def record(number: int, *, stage: str = "", member: int = 0, best: bool = False, **train: float) -> dict:
    units = {"silent": [1], "saturated": []}
    return {
        "stage": stage,
        "member": member,
        "number": number,
        "train": {"loss": 2.0 / number, **train},
        "validation": {"loss": 3.0 / number},
        "best": best,
        "units": units,
    }


EPOCHS = [
    record(1, best=True, classes=0.5),
    record(2, best=True, classes=0.4),
    record(3, classes=0.3),
    record(1, member=1),
    record(1, stage="fold 1"),
]


def test_stages_of_calibration_stay_out_of_the_curves():
    assert history.stage_shown(EPOCHS) == ""
    assert history.members(EPOCHS) == [0, 1]
    assert [r["number"] for r in history.chosen(EPOCHS, member=0)] == [1, 2, 3]
    assert len(history.chosen(EPOCHS)) == 1  # the last network


def test_a_run_of_stages_alone_shows_the_last_one():
    staged = [record(1, stage="fold 1"), record(1, stage="fold 2")]
    assert history.stage_shown(staged) == "fold 2" and history.stage_shown([]) == ""


def test_losses_and_terms_are_tables_by_split():
    rows = history.chosen(EPOCHS, member=0)
    table = history.curve(rows)
    assert list(table["split"]) == ["training", "validation"] * 3
    assert table["loss"].iloc[-1] == 1.0
    assert list(history.terms(rows, ["classes", "l1"])["value"]) == [0.5, 0.4, 0.3]
    best = history.best_epoch(rows)
    assert best and best["number"] == 2 and history.best_epoch([]) is None


def test_every_value_of_an_epoch_is_a_curve():
    rows = [{**each, "learning_rate": 0.1 / each["number"]} for each in history.chosen(EPOCHS, member=0)]
    assert history.curves(rows)[:2] == ["loss", "classes"]
    assert list(history.curve(rows, "classes")["classes"]) == [0.5, 0.4, 0.3]
    rates = history.curve(rows, "learning_rate")
    assert list(rates["split"]) == ["training"] * 3 and list(rates["epoch"]) == [1, 2, 3]
    assert history.curve(rows, "gradient_norm").empty


def test_a_long_history_is_thinned_to_what_a_line_can_show():
    rows = [record(number, best=number == 777) for number in range(1, 2001)]
    numbers = [each["number"] for each in history.thinned(rows, 100)]
    assert numbers[0] == 1 and numbers[-1] == 2000 and 777 in numbers and len(numbers) <= 100
    assert history.thinned(rows[:50], 100) == rows[:50]


def test_the_state_of_units_comes_with_advice():
    states = history.unit_states(EPOCHS[0], 3)
    assert list(states["state"]) == ["working", "silent", "working"] and list(states["unit"]) == [1, 2, 3]
    assert history.unit_advice(EPOCHS[0], 3).startswith("Unit 2 answers to no cell.")
    assert "Units 1 and 3 stay" in history.unit_advice({"units": {"silent": [], "saturated": [0, 2]}}, 3)
    assert "learned nothing" in history.unit_advice({"units": {"silent": [0, 1], "saturated": []}}, 2)
    assert history.unit_advice({}, 2) == "Every unit answers differently to different cells."
