from __future__ import annotations

from core.recipes import recipe
from core.runs.status import Status
from core.specs import replaced
from pages.ui.runs.compare import differing
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
