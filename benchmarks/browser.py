"""What a person waits for: first start, next start, first page, 100,000 cells on screen, a file of 2 GB on its way.

    PYTHONPATH=. python benchmarks/browser.py [--only fresh start first_page scatter upload]

Needs Chromium (``BROWSER_PATH``) for ``scatter`` and ``upload``. The cells are those of tests/browser/scatter_app.py.
Results go to benchmarks/results/browser.json with the machine's load beside them, since wall times grow with it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import psutil

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))

from tests.browser import steps  # noqa: E402  after the path is set
from tests.browser.conftest import CHROMIUM, FLAGS, Server, Watched, free_port, wait_until_up, watch  # noqa: E402

CELLS = 100_000
REPEATS = 3
START_SECONDS = 900
UPLOAD_BYTES = 2_000_000_000
SAMPLE_SECONDS = 0.05
FIRST_PAGE = """
import sys, resource
import app
import plotly.graph_objects
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("pages/shell.py", default_timeout=60).run()
assert not page.exception, page.exception
assert "torch" not in sys.modules
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


def fresh() -> dict[str, float]:
    """``make app`` in a new clone to the first page, in seconds, and beside it what fetching its packages takes."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", HOME, clone], check=True)
        whole = seconds_to_first_page(clone, {"PIP_CACHE_DIR": f"{folder}/cache"})
        began = time.monotonic()
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--dest", f"{folder}/packages"]
        subprocess.run([*fetch, "--requirement", clone / "requirements.txt"], check=True, stderr=subprocess.DEVNULL)
        return {"fresh_make_app_to_first_page_s": whole, "fetching_its_packages_alone_s": time.monotonic() - began}


def start() -> dict[str, float]:
    """Seconds from ``make app``, set up before, to the first page served."""
    return {"make_app_to_first_page_s": median([seconds_to_first_page(HOME) for _ in range(REPEATS)])}


def first_page() -> dict[str, float]:
    """CPU seconds of a fresh interpreter that imports the app and runs the Home page once."""
    used = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "CELLDESK_WORKSPACE": folder, "PYTHONPATH": str(HOME)}
            command = [sys.executable, "-c", FIRST_PAGE]
            said = subprocess.check_output(command, cwd=HOME, env=environment, stderr=subprocess.DEVNULL, text=True)
            used.append(float(said.splitlines()[-1]))
    return {"first_page_cpu_s": median(used)}


def scatter() -> dict[str, float]:
    """Seconds to the first paint of 100,000 cells in two pictures, and from the end of a lasso to its answer."""
    from tests.browser.test_scatter import lasso, painted

    paints, answers = [], []
    with server(HOME / "tests" / "browser" / "scatter_app.py") as running, chromium() as open_page:
        for _ in range(REPEATS):
            began = time.monotonic()
            watched = open_page(f"{running.url}/?n={CELLS}")
            painted(watched)
            paints.append(time.monotonic() - began)
            began = time.monotonic()
            lasso(watched, -4, 0, 3.6)
            watched.page.get_by_text("of {'B'}").wait_for(timeout=60_000)
            answers.append(time.monotonic() - began)
            watched.assert_clean()
    return {"cells": CELLS, "first_paint_s": median(paints), "lasso_answered_s": median(answers)}


def upload() -> dict[str, float]:
    """Memory of the server before, during and after a file of 2 GB comes through the Data page."""
    from core.project import Project
    from core.recipes import recipe

    with tempfile.TemporaryDirectory() as folder, server(HOME / "app.py") as running, chromium() as open_page:
        large = Path(folder) / "large.bin"
        with large.open("wb") as file:
            file.truncate(UPLOAD_BYTES)  # holes on the disk, all the bytes on the way
        os.environ["CELLDESK_WORKSPACE"] = str(running.workspace)
        project = Project.create("Upload", recipe("deepscore").spec)
        page = open_page(steps.address(running, "data", project.root.name)).page
        steps.settled(page)
        process = psutil.Process(running.pid)
        before = process.memory_info().rss
        with peak_memory(process) as peak:
            began = time.monotonic()
            steps.upload(page, "reference", large)
            arrived = running.workspace / "uploads" / "large.bin"
            until(lambda: arrived.exists() and arrived.stat().st_size == UPLOAD_BYTES, 600)
            seconds = time.monotonic() - began
            page.get_by_role("alert").filter(has_text="Got").first.wait_for(timeout=60_000)
        after = process.memory_info().rss
        arrived.unlink()
    return {
        "upload_bytes": UPLOAD_BYTES,
        "upload_s": seconds,
        "server_mb_before": before / 1e6,
        "server_mb_during": peak[0] / 1e6,
        "server_mb_after": after / 1e6,
    }


PARTS = {"fresh": fresh, "start": start, "first_page": first_page, "scatter": scatter, "upload": upload}


@contextlib.contextmanager
def server(script: Path) -> Iterator[Server]:
    """An app script on a free port with a workspace of its own."""
    with tempfile.TemporaryDirectory() as folder:
        port, log = free_port(), Path(folder) / "server.log"
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        environment = {**os.environ, "CELLDESK_WORKSPACE": folder, "PYTHONPATH": str(HOME)}
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=HOME, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url, process, log)
            yield Server(url, process.pid, Path(folder))
        finally:
            end(process)


@contextlib.contextmanager
def chromium() -> Iterator[Callable[[str], Watched]]:
    """A browser that opens an address in a fresh window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def open_page(url: str) -> Watched:
            watched = Watched(browser.new_context(viewport={"width": 1440, "height": 900}).new_page())
            watch(watched)
            watched.page.goto(url)
            return watched

        yield open_page
        browser.close()


@contextlib.contextmanager
def peak_memory(process: psutil.Process) -> Iterator[list[int]]:
    """The largest resident size of ``process`` inside the ``with``, in bytes, as the list's one number."""
    largest, over = [process.memory_info().rss], threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            largest[0] = max(largest[0], process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield largest
    finally:
        over.set()
        watcher.join()


def seconds_to_first_page(home: Path, more: Mapping[str, str] | None = None) -> float:
    """How long ``make app`` in ``home`` takes until the first page is served; the app is ended then."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            **(more or {}),
            "CELLDESK_WORKSPACE": folder,
            "STREAMLIT_SERVER_PORT": str(port),
            "STREAMLIT_SERVER_HEADLESS": "true",
        }
        began = time.monotonic()
        process = subprocess.Popen(
            ["make", "app"], cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until(lambda: served(f"http://127.0.0.1:{port}/"), START_SECONDS)
            return time.monotonic() - began
        finally:
            end(process)


def served(url: str) -> bool:
    """Whether the page itself is answered."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def until(met: Callable[[], bool], seconds: float) -> None:
    """Wait for ``met``; raise after ``seconds``."""
    began = time.monotonic()
    while not met():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(SAMPLE_SECONDS)


def end(process: subprocess.Popen) -> None:
    """End a process and its children."""
    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.terminate()
    process.wait(30)


def main() -> None:
    """Measure what was asked for and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    options = parser.parse_args()
    path = HOME / "benchmarks" / "results" / "browser.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for name in options.only:
        load = os.getloadavg()[0]
        found = {key: round(value, 2) for key, value in PARTS[name]().items()}
        results[name] = {**found, "load_before": round(load, 1), "processors": os.cpu_count()}
        print(name, results[name], flush=True)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
