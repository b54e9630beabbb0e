"""The replay on the Runs page: a person moves through training, plays it, colours it otherwise, and takes it along."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.runs.frames import Frames
from tests.browser import prepared, steps
from tests.browser.conftest import APP, Watched

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PLACES = (
    "(() => { const { plot } = document.querySelector('.cd-replay').parentElement.celldesk; return [...plot.x]; })()"
)
MOVE = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }"


@pytest.fixture(scope="module")
def trained(serve, tmp_path_factory: pytest.TempPathFactory):
    workspace = tmp_path_factory.mktemp("replay")
    files = prepared.demo_files(workspace / "files")
    project = prepared.project_of(workspace, "Demo", {name: files[name] for name in ("reference", "query")})
    (run,) = prepared.train(project, {"deepscore": {"training.epochs": 6}}, workspace)
    return serve(APP, workspace), project, run


@pytest.fixture
def replay(trained, look) -> Watched:
    server, project, _ = trained
    watched = look(steps.address(server, "runs", project.root.name))
    steps.settled(watched.page)
    watched.page.get_by_test_id("stMain").get_by_text("Replay", exact=True).first.click()
    watched.page.locator(".cd-replay .cd-scatter[data-painted]").wait_for(timeout=steps.MINUTE)
    steps.settled(watched.page)
    return watched


def move(page, frame: float) -> None:
    page.locator(".cd-replay input").evaluate(MOVE, frame)
    page.wait_for_timeout(100)


def test_the_slider_moves_the_cells_and_says_when(replay: Watched, trained):
    page = replay.page
    frames = Frames.of(trained[2].directory)
    page.get_by_text(f"After epoch {frames.kept_epoch}, kept").wait_for()
    end = page.evaluate(PLACES)
    move(page, 0)
    page.get_by_text("Before training").wait_for()
    start = page.evaluate(PLACES)
    assert len(start) == len(frames.sample.names) and start != end
    move(page, 0.5)
    between = page.evaluate(PLACES)
    move(page, 1)
    after = page.evaluate(PLACES)
    assert max(abs(b - (s + a) / 2) for s, b, a in zip(start, between, after, strict=True)) < 1e-5
    assert steps.overflow(page) <= 0
    replay.assert_clean()


def test_playing_runs_to_the_end_and_stops(replay: Watched, trained):
    page = replay.page
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for(timeout=30_000)
    last = Frames.of(trained[2].directory).epochs[-1]
    assert page.locator(".cd-replay").get_attribute("data-epoch") == str(last)
    replay.assert_clean()


def test_cells_are_coloured_by_call_and_probability_and_chosen_by_set(replay: Watched, trained):
    page = replay.page
    sample = Frames.of(trained[2].directory).sample
    page.get_by_role("button", name="Called type").click()
    page.locator(".cd-replay button[data-label]").first.wait_for()
    page.get_by_role("button", name="Probability").click()
    page.locator(".cd-scatter-bar").get_by_text("Probability").wait_for()
    page.get_by_role("button", name="Query", exact=True).click()
    assert len(page.evaluate(PLACES)) == sample.part.count("query")
    replay.assert_clean()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_replay_is_taken_along_as_one_file(scheme: str, replay: Watched, tmp_path: Path, browser):
    with replay.page.expect_download() as download:
        replay.page.get_by_role("button", name="Save as HTML").click()
    path = tmp_path / "replay.html"
    download.value.save_as(path)
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.locator(".cd-scatter[data-painted]").wait_for(timeout=20_000)
    move(page, 0)
    page.get_by_text("Before training").wait_for()
    assert asked == [path.as_uri()] and not errors
    context.close()


def test_the_next_runs_precision_is_measured_before_it_starts(replay: Watched):
    page = replay.page
    page.get_by_role("button", name="Precision").first.click()
    page.get_by_role("button", name="Measure here").click()
    page.get_by_role("button", name="Measure again").wait_for(timeout=steps.MINUTE)
    table = page.get_by_test_id("stPopoverBody").locator(".cd-table")
    assert [word in table.inner_text() for word in ("fp32", "medium", "bf16", "chosen")] == [True] * 4
    replay.assert_clean()
