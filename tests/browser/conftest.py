"""The app in a real browser: a server on a free port of this machine, and Chromium with a software GPU."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
APP = ROOT / "app.py"
CHROMIUM = os.environ.get("BROWSER_PATH", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
START_SECONDS = 60
COMPILED = {"NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))}
"""Functions compiled for the pictures outlive a test's workspace; compiling them takes longer than all else."""
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "blob:", "data:", "about:")
HARMLESS = ("/_stcore/",)
"""Opened at a page's own address, Streamlit asks for its health below that address first, and then at the root."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="make the pictures of docs/pictures, at full settings")


@dataclass
class Server:
    """A running app: its address, process id and workspace."""

    url: str
    pid: int
    workspace: Path


@dataclass
class Watched:
    """A browser page and everything it should not have done."""

    page: Page
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        """No error in the console, and no request that leaves this machine."""
        assert not self.errors, self.errors
        assert not self.strangers, self.strangers


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start an app script on a free port: ``serve(script, workspace)``; all servers end with the session."""
    processes: list[subprocess.Popen] = []

    def start(script: Path, workspace: Path | None = None) -> Server:
        workspace = workspace or tmp_path_factory.mktemp("workspace")
        port = free_port()
        log = (workspace / "server.log").open("w")
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        environment = {**os.environ, **COMPILED, "CELLDESK_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        wait_until_up(url, process, workspace / "server.log")
        return Server(url, process.pid, workspace)

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def app(serve: Callable[..., Server]) -> Server:
    """The app itself."""
    return serve(APP)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for the session."""
    if not shutil.which(CHROMIUM):
        remedy = "Install Chromium as `make test` does, or name one in BROWSER_PATH"
        pytest.fail(f"There is no browser. Got {CHROMIUM}. {remedy}", pytrace=False)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Open an address in a fresh window of 1440 x 900: ``look(url, dark=False)``; its last sight is kept as a PNG."""
    contexts = []

    def open_page(url: str, *, dark: bool = False) -> Watched:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        contexts.append(context)
        watched = Watched(context.new_page())
        watch(watched)
        watched.page.goto(url)
        return watched

    yield open_page
    for number, context in enumerate(contexts):
        context.pages[0].screenshot(path=tmp_path / f"last-{number}.png")
        context.close()


def watch(watched: Watched) -> None:
    """Write down console errors, uncaught exceptions and requests to other machines."""
    page = watched.page

    def on_console(message) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not any(part in place for part in HARMLESS):
            watched.errors.append(f"{message.text} {place}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else watched.strangers.append(request.url))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(url: str, process: subprocess.Popen, log: Path) -> None:
    """Wait for the server's own word that it is well."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text())
