from __future__ import annotations

from core.recipes import recipe
from core.runs.run import Run
from core.runs.status import Status
from core.specs import replaced
from pages.ui.runs.compare import LOW, alike, best_rows, differing, table_height
from pages.ui.runs.live import LOWEST, chart_height
from pages.ui.runs.progress import height_of_messages


def test_runs_of_one_recipe_are_told_apart_by_their_settings_alone():
    spec = recipe("deepscore").spec
    assert differing([spec, replaced(spec, "training.batch_size", 64)])[1] == "batch size 64"


def test_runs_of_several_recipes_say_which():
    first, second = recipe("deepscore").spec, recipe("pathway_autoencoder").spec
    words = differing([first, second, replaced(second, "training.batch_size", 7)])
    assert words[0] == "deepscore"
    assert words[2] == "pathway autoencoder: batch size 7"


def test_charts_give_room_to_runs_and_messages():
    assert chart_height(1, 0) > chart_height(4, 0) > chart_height(4, height_of_messages(Status(state="lost")))
    assert chart_height(100, 400) == LOWEST
    assert height_of_messages(Status(state="finished")) == 0


def test_the_best_value_of_a_column_is_marked_and_losses_only_where_they_can_be_compared():
    rows = [
        {"loss": 0.4, "accuracy": 0.9, "speed": None},
        {"loss": 0.3, "accuracy": 0.8, "speed": 10.0},
        {"loss": None, "accuracy": None, "speed": None},
    ]
    assert best_rows(rows, comparable=True) == {"loss": 1, "accuracy": 0}
    assert best_rows(rows, comparable=False) == {"accuracy": 0}
    assert best_rows(rows[2:], comparable=True) == {}


def test_runs_are_alike_where_they_minimise_the_same_on_the_same_genes(tmp_path):
    spec = recipe("cell_identity_code").spec
    others = {
        "training.learning_rate": 0.1,
        "network.code.units": 7,
        "features.target": 77,
        "objective.classes.weight": 0.7,
    }
    first = Run.create(tmp_path / "first", spec)
    made = [Run.create(tmp_path / path, replaced(spec, path, value)) for path, value in others.items()]
    assert [alike([first, run]) for run in made] == [True, True, False, False]


def test_a_table_beside_a_replay_leaves_it_more_room():
    assert chart_height(8, 0, LOW) > chart_height(8, 0)
    assert table_height(2, LOW) == table_height(2) < LOW
