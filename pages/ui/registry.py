"""The pages of the app, in the order of the sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "pages"
ASSETS = ROOT / "assets"


@dataclass(frozen=True)
class Page:
    """One page of the app.

    Attributes
    ----------
    name
        Short name, also the address in the browser: ``embedding``.
    path
        The script, relative to the folder ``pages``.
    title, sentence
        The header of the page.
    icon
        Name of a Material symbol.
    section
        Section of the sidebar; empty for the page above all sections.
    """

    name: str
    path: str
    title: str
    icon: str
    section: str
    sentence: str

    @property
    def file(self) -> Path:
        return PAGES / self.path

    @property
    def help_file(self) -> Path:
        """Where the text behind the page's question mark lies."""
        return ASSETS / "help" / f"{self.name}.md"

    @property
    def exists(self) -> bool:
        return self.file.is_file()


ALL: tuple[Page, ...] = (
    Page(
        "home",
        "home.py",
        "Home",
        "home",
        "",
        "Bring cells, train a network, and see what it says. Start with the demo, a recipe or a project.",
    ),
    Page(
        "data",
        "prepare/data.py",
        "Data",
        "database",
        "Prepare",
        "Bring a labelled reference, cells to label, and bulk samples. Any one of them is enough to begin.",
    ),
    Page(
        "quality",
        "prepare/quality.py",
        "Quality",
        "filter_alt",
        "Prepare",
        "See how deep each cell was read, and choose which cells and genes are kept.",
    ),
    Page(
        "features",
        "prepare/features.py",
        "Features",
        "manage_search",
        "Prepare",
        "Choose the genes that the network sees. Genes that vary in the reference and the query work best.",
    ),
    Page(
        "network",
        "build/network.py",
        "Network",
        "account_tree",
        "Build",
        "Shape the network and say what it should learn. Every change is drawn and checked at once.",
    ),
    Page(
        "runs",
        "train/runs.py",
        "Runs",
        "monitoring",
        "Train",
        "Train the network, watch its losses, and compare runs. You may close the browser.",
    ),
    Page(
        "search",
        "train/search.py",
        "Search",
        "tune",
        "Train",
        "Try settings of the network, each as a run of its own, and keep those that do best on validation cells.",
    ),
    Page(
        "models",
        "train/models.py",
        "Models",
        "new_label",
        "Train",
        "Label cells, or take samples apart, with a model that is trained already. No reference is needed.",
    ),
    Page(
        "embedding",
        "explore/embedding.py",
        "Embedding",
        "bubble_chart",
        "Explore",
        "Look at the same cells in several pictures. Draw round cells in one to find them in all.",
    ),
    Page(
        "annotation",
        "explore/annotation.py",
        "Annotation",
        "sell",
        "Explore",
        'A label and its probability for each query cell, or "not assigned" where none is safe.',
    ),
    Page(
        "evidence",
        "explore/evidence.py",
        "Evidence",
        "rule",
        "Explore",
        "What speaks for the labels, and what against them.",
    ),
    Page(
        "composition",
        "explore/composition.py",
        "Composition",
        "stacked_bar_chart",
        "Explore",
        "The share of each cell type in every bulk sample, with intervals.",
    ),
    Page(
        "pathways",
        "explore/pathways.py",
        "Pathways",
        "grid_on",
        "Explore",
        "What drives each unit, beside chance.",
    ),
    Page(
        "codes",
        "explore/codes.py",
        "Codes",
        "hub",
        "Explore",
        "One number of the code: where it is high, which genes it moves, and what they share.",
    ),
    Page(
        "evaluation",
        "assess/evaluation.py",
        "Evaluation",
        "fact_check",
        "Assess",
        "What the papers claim in numbers, tried again on the data at hand. What does not repeat is shown as such.",
    ),
    Page(
        "export",
        "assess/export.py",
        "Export",
        "download",
        "Assess",
        "Take the results with you: one file for Python, tables, figures, a report, and the recipe to repeat it all.",
    ),
)


def present() -> tuple[Page, ...]:
    """The pages whose script exists."""
    return tuple(page for page in ALL if page.exists)


def page(name: str) -> Page:
    """The page called ``name``."""
    return next(page for page in ALL if page.name == name)
