"""What a person does in the browser, by roles and words: wait, go to a page, upload, choose, draw round cells."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import Server, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

STILL = """() => {
  const app = document.querySelector('[data-test-script-state]');
  if (!app || app.dataset.testScriptState !== 'notRunning') return false;
  if (document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]')) return false;
  const shown = (each) => each.getClientRects().length > 0;
  const plots = [...document.querySelectorAll('.cd-scatter')].filter(shown);
  const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')].filter(shown);
  const drawn = (chart) => chart.querySelector('svg.main-svg');
  return plots.every((plot) => 'painted' in plot.dataset) && charts.every(drawn);
}"""
"""No script runs, nothing is stale, and every picture in view is drawn."""
MINUTE = 60_000


def settled(page: Page, timeout: float = MINUTE) -> None:
    """Wait until the page is drawn and stays so."""
    page.locator("h1, .cd-empty").first.wait_for(timeout=timeout)
    quiet = 0
    while quiet < 3:
        page.wait_for_function(STILL, timeout=timeout)
        page.wait_for_timeout(150)
        quiet = quiet + 1 if page.evaluate(STILL) else 0


def address(server: Server, name: str, project: str = "") -> str:
    """The page called ``name`` with ``project`` open."""
    return f"{server.url}/{'' if name == 'home' else name}" + (f"?project={project}" if project else "")


def go(page: Page, title: str) -> None:
    """Click a page of the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    settled(page)


def button(page: Page, name: str) -> None:
    """Click the button that says ``name``."""
    page.get_by_role("button", name=name).first.click()
    settled(page)


def card(page: Page, title: str) -> Locator:
    """The card whose title is ``title``."""
    return page.locator("[class*='st-key-card-']").filter(has=page.get_by_role("heading", name=title, exact=True)).first


def upload(page: Page, role: str, path: Path) -> None:
    """Bring a file through the upload control of ``role``: reference, query, bulk, gene_sets or truth."""
    place = f"[class*='st-key-bring-{role.replace('_', '-')}'], [class*='st-key-bring-{role}']"
    page.locator(place).get_by_role("button").first.click()
    popover = page.get_by_test_id("stPopoverBody")
    with page.expect_file_chooser() as chooser:
        popover.get_by_role("button", name="Upload a file").click()
    chooser.value.set_files(str(path))


def choose(page: Page, label: str, option: str, within: Locator | None = None) -> None:
    """Choose in a select box by its label."""
    box = (within or page).get_by_role("combobox", name=label).first
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # a list closes when the page scrolls under it
    box.click()
    page.get_by_role("option", name=option).first.click()
    settled(page)


def lasso(page: Page, picture: int = 0) -> None:
    """Draw round the left upper half of a picture."""
    frame = page.locator(".cd-scatter-frame").nth(picture)
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    cx, cy = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in range(41):
        angle = 2 * math.pi * step / 40
        page.mouse.move(cx + 0.4 * box["width"] * math.cos(angle), cy + 0.4 * box["height"] * math.sin(angle))
        if step == 0:
            page.mouse.down()
    page.mouse.up()
    settled(page)


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")


def exceptions(watched: Watched) -> list[str]:
    """Python errors that reached the screen."""
    return watched.page.get_by_test_id("stException").all_inner_texts()
