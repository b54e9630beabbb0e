"""Every page in light and dark, in a project whose runs are finished."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.specs import Dimension, SearchSpec
from pages.ui import registry
from tests.browser import prepared, steps
from tests.browser.conftest import APP, ROOT, Server
from tests.conftest import real

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = ("cell_identity_code", "mixer", "annotator", "pathway_autoencoder")
"""Recipes of the pictures, with their own settings."""
SEARCHED_ON = {"training.epochs": 10, "training.members": 1}
SEARCHED = SearchSpec(
    dimensions=(
        Dimension(path="training.learning_rate", low=3e-4, high=3e-2, log=True),
        Dimension(path="network.encoder.0.units", low=32, high=512, log=True),
        Dimension(path="network.encoder.0.dropout", low=0.0, high=0.6),
    ),
    trials=16,
    metric="macro_f1",
)
"""The search of the pictures."""
PICTURES = ROOT / "docs" / "pictures"
KEPT = (
    *("home", "data", "network", "runs", "search", "models", "embedding", "annotation"),
    *("evidence", "composition", "pathways", "evaluation"),
)
"""Pictures of the README; the others are only looked at."""
CARDS = {
    "home": ("Try it with real cells", "New project", "Recent projects", "Estimate bulk composition"),
    "data": ("Reference", "Query", "Bulk", "What each column means"),
    "quality": ("Counts per cell", "Left out by each rule", "Cells by type", "Counts against genes"),
    "features": ("How the genes were found", "Where the genes occur", "Genes chosen", "Settings"),
    "network": ("Diagram", "Layers", "Code layer", "Objective", "More settings"),
    "search": ("Next search", "Trials"),
    "runs": ("Total loss", "Loss terms", "Compare runs", "Unit health", "Log"),
    "models": ("Trained models", "This model", "Cells to label", "Settings"),
    "embedding": ("Selection", "How well each picture keeps neighbours"),
    "annotation": ("Query cells", "How many cells to label", "Per type", "Not assigned"),
    "evidence": ("Marker sets", "Best fit of each group", "Markers of the reference in both files"),
    "composition": ("Composition of each sample", "Methods on the same sample"),
    "pathways": ("Impact of each gene set on each code unit", "Strongest findings", "How clean the units are"),
    "codes": ("Value in each cell type", "Genes that this unit moves", "Enriched terms"),
    "evaluation": ("What the papers report and what we find", "In plain words"),
    "export": ("Files", "Where to", "Recipe", "Report"),
}

WORK = (
    ("composition", "Errors", "Agreement", ""),
    ("composition", "Mixtures", "Proportions that are drawn", ""),
    ("pathways", "Cells", "Activity", "Score the cells"),
    ("pathways", "Sets", "What the sets share", ""),
    ("codes", "All units", "Units and the terms they share", ""),
    ("codes", "Checks", "Do its clusters follow the labels?", "Check this code"),
)
"""Page, one of its views, a heading that the view has, and the button that fills it."""


@dataclass(frozen=True)
class Filled:
    """A server whose workspace holds one project with finished runs."""

    server: Server
    project: str


@pytest.fixture(scope="module")
def filled(serve, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Filled:
    workspace = tmp_path_factory.mktemp("filled")
    if request.config.getoption("--pictures", default=False):
        workspace = Path(tempfile.gettempdir()) / "celldesk"  # a short name, since the pictures show it
        shutil.rmtree(workspace, ignore_errors=True)
        files = {
            "reference": real("pbmc3k.h5ad"),
            "query": real("pbmc_3tech.h5ad"),
            "bulk": real("monaco_expression.csv.gz"),
            "gene_sets": real("hallmark_human.gmt"),
        }
        project = prepared.project_of(workspace, "Blood", files)
        prepared.search(project, "annotator", SEARCHED_ON, SEARCHED, workspace)
        prepared.train(project, {name: {} for name in SHOWN}, workspace)
    else:
        project = prepared.project_of(workspace, "Demo", prepared.demo_files(workspace / "demo"))
        few = SEARCHED.model_copy(update={"trials": 3})
        prepared.search(project, "deepscore", prepared.QUICK["deepscore"], few, workspace)
        prepared.train(project, prepared.QUICK, workspace)
    prepared.find_genes(project, workspace)
    return Filled(serve(APP, workspace), project.root.name)


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Where the screenshot called so goes."""

    def place(name: str) -> Path:
        kept = request.config.getoption("--pictures", default=False) and name in KEPT
        (PICTURES if kept else tmp_path).mkdir(parents=True, exist_ok=True)
        return (PICTURES if kept else tmp_path) / f"{name}.png"

    return place


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", list(CARDS))
def test_a_page_stands_whole(name: str, dark: bool, filled: Filled, folder: Callable[[str], Path], look):
    watched = look(steps.address(filled.server, name, filled.project), dark=dark)
    page = watched.page
    steps.settled(page)
    if name in ("runs", "codes"):
        page.get_by_role("heading", level=1).wait_for()
    else:
        page.get_by_role("heading", level=1, name=registry.page(name).title).wait_for()
    if name == "embedding":
        steps.lasso(page)
        if page.get_by_role("button", name="Find markers").count():  # kept in the project, once found
            steps.button(page, "Find markers")
    if name == "evidence" and page.get_by_role("button", name="Compare markers").count():  # kept with the run as well
        steps.button(page, "Compare markers")
    page.screenshot(path=folder(f"{name}{'_dark' if dark else ''}"))
    assert not steps.exceptions(watched)
    for title in CARDS[name]:
        assert page.get_by_role("heading", name=title).count(), title
    assert steps.overflow(page) <= 0
    watched.assert_clean()


@pytest.mark.parametrize(("name", "title", "own", "act"), [*WORK], ids=[title for _, title, *_ in WORK])
def test_a_view_does_its_work_and_stands_whole(name: str, title: str, own: str, act: str, filled: Filled, look):
    watched = look(steps.address(filled.server, name, filled.project))
    page = watched.page
    steps.settled(page)
    page.get_by_role("radio", name=title, exact=True).first.click()
    steps.settled(page)
    if act:
        steps.button(page, act)
    page.get_by_role("heading", name=own).first.wait_for()
    assert not steps.exceptions(watched)
    assert steps.overflow(page) <= 0
    watched.assert_clean()
