"""A newcomer's whole way on public data: bring files, look, train, explore, evaluate, export."""

from __future__ import annotations

import json
import time
from pathlib import Path

import anndata
import pytest

from core.project import Project
from core.runs.run import Run
from tests.browser import steps
from tests.browser.conftest import APP, Server, Watched
from tests.browser.steps import button, card, choose, go, lasso, settled, upload
from tests.conftest import real

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FILES = {
    "reference": "pbmc3k.h5ad",
    "query": "pbmc_3tech.h5ad",
    "bulk": "monaco_expression.csv.gz",
    "gene_sets": "hallmark_human.gmt",
}
RUN_SECONDS = 120


@pytest.fixture(scope="module")
def desk(serve) -> Server:
    return serve(APP)


def finished(run: Run) -> None:
    """Wait for the worker's own word."""
    until = time.monotonic() + RUN_SECONDS
    while run.status.active and time.monotonic() < until:
        time.sleep(0.5)
    assert run.status.state in ("finished", "stopped"), (run.status, run.log_tail())


def clean(watched: Watched) -> None:
    """Nothing in the console, nothing sent out, no traceback, nothing wider than the window."""
    assert not steps.exceptions(watched)
    assert steps.overflow(watched.page) <= 0
    watched.assert_clean()


def newest(project: Project) -> Run:
    return project.runs()[0]


def setting(page, label: str, value: int) -> None:
    """Type a number into the field called ``label`` on the Network page."""
    field = page.get_by_role("spinbutton", name=label).first
    field.fill(str(value))
    field.press("Enter")
    settled(page)


def train_with(page, project: Project, recipe: str, epochs: int, *, task: dict[str, int] | None = None) -> Run:
    """Choose a recipe on the Network page, make it short, and start it."""
    go(page, "Network")
    choose(page, "Recipe", recipe)
    if page.get_by_role("button", name="Show settings").count():
        button(page, "Show settings")
    setting(page, "Epochs, at most", epochs)
    for label, value in (task or {}).items():
        page.get_by_role("tab", name="Task").click()
        setting(page, label, value)
    before = len(project.runs())
    page.get_by_role("button", name="Train this network").click()
    page.wait_for_url("**/runs*")
    assert len(project.runs()) == before + 1
    return newest(project)


def test_from_an_empty_desk_to_files_on_disk(desk: Server, look):
    watched = look(desk.url)
    page = watched.page
    settled(page)

    # make a project
    page.get_by_role("textbox", name="Name", exact=True).fill("Blood pilot")
    button(page, "Make project")
    project = Project(desk.workspace / "projects" / "blood-pilot")
    assert project.path.exists()
    clean(watched)

    # Data: every file comes through the real upload control
    go(page, "Data")
    for role, name in FILES.items():
        upload(page, role, real(name))
        page.get_by_text(name, exact=False).first.wait_for(timeout=steps.MINUTE)
        settled(page)
        assert getattr(project.draft.data, role), role
    assert (desk.workspace / "uploads" / FILES["reference"]).exists()
    choose(page, "Cell type", "cell_type (", card(page, "What each column means"))
    assert project.draft.data.reference.label_column == "cell_type"
    clean(watched)

    # Quality: a slider moves the preview, and only keeping it changes the project
    go(page, "Quality")
    kept = number_cards(page)
    slider = page.get_by_role("slider", name="Mitochondrial share, at most")
    for sign in ("Home", *["ArrowRight"] * 4):  # two per cent
        slider.press(sign)
    page.get_by_text("2.0 %", exact=True).wait_for()
    settled(page)
    assert number_cards(page) != kept
    assert project.draft.data.quality.max_mitochondrial == 100
    button(page, "Reset")
    clean(watched)

    # Features: the search that the page makes, then another by the button
    go(page, "Features")
    page.get_by_role("heading", name="Genes chosen").wait_for(timeout=steps.MINUTE)
    clean(watched)

    # Network: a recipe, a layer, and the diagram that follows it
    go(page, "Network")
    choose(page, "Recipe", "DeepSCore")
    units = page.get_by_role("spinbutton", name="Units").first
    units.fill("77")
    units.press("Enter")
    settled(page)
    page.locator("svg").get_by_text("77", exact=True).first.wait_for()
    assert "77" in json.dumps(project.draft.network.model_dump(mode="json"))
    clean(watched)

    # Train: losses appear while it runs, and a reloaded page shows the same run
    run = train_with(page, project, "DeepSCore", 6)
    page.get_by_role("heading", level=1, name="Run 1").wait_for()
    page.get_by_text("Epoch", exact=False).first.wait_for()
    page.get_by_role("heading", name="Total loss").wait_for()
    assert run.status.active
    page.reload()
    page.get_by_role("heading", level=1, name="Run 1").wait_for()
    page.get_by_role("heading", name="Total loss").wait_for()
    finished(run)
    page.get_by_text("Finished after").wait_for(timeout=steps.MINUTE)
    settled(page)
    assert run.metrics_path.exists()
    clean(watched)

    # Explore what it found
    go(page, "Embedding")
    lasso(page)
    page.get_by_text(" % of all").wait_for()
    choose(page, "Colour", "A gene")
    page.get_by_placeholder("such as NKG7").fill("NKG7")
    page.get_by_placeholder("such as NKG7").press("Enter")
    settled(page)
    page.get_by_text("NKG7, ln(CP10K + 1)").first.wait_for()
    clean(watched)
    go(page, "Annotation")
    page.get_by_text("Mean probability").wait_for()
    button(page, "Save labels")
    clean(watched)

    bulk = train_with(page, project, "digitalDLSorteR", 3, task={"Mixtures": 300})
    finished(bulk)
    go(page, "Composition")
    page.get_by_role("heading", name="Composition of each sample").wait_for()
    page.get_by_text("12 bulk samples").wait_for()
    clean(watched)

    code = train_with(page, project, "Kinalis", 3)
    finished(code)
    go(page, "Pathways")
    page.get_by_role("heading", name="Impact of each gene set on each code unit").wait_for()
    clean(watched)
    go(page, "Codes")
    page.get_by_role("heading", name="Genes that this unit moves").wait_for(timeout=steps.MINUTE)
    clean(watched)

    # Evaluation: the claims stand there before anything was tried
    go(page, "Evaluation")
    page.get_by_role("heading", name="What the papers report and what we find").wait_for()
    clean(watched)

    # Export: what is ticked lies on the disk afterwards
    go(page, "Export")
    page.get_by_role("button", name="Export").last.click()
    settled(page, 3 * steps.MINUTE)
    page.get_by_text(" files, ").first.wait_for()
    written = {path.name for path in project.export.rglob("*") if path.is_file()}
    endings = {Path(name).suffix for name in written}
    assert {".h5ad", ".csv", ".png", ".svg", ".yaml", ".safetensors"} <= endings, written
    anndata.read_h5ad(next(project.export.rglob("*.h5ad")))
    clean(watched)


def number_cards(page) -> str:
    """Words of the page's number cards."""
    words = " ".join(page.locator(".cd-number").all_inner_texts())
    assert words
    return words
