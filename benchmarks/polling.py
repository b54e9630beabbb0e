"""What watching costs: the web server's share of a core while a run trains before an open page, and one epoch's record.

    PYTHONPATH=. python benchmarks/polling.py [--only server record] [--seconds 60]

``server`` needs Chromium (``BROWSER_PATH``). A project holds several finished runs and one that trains; the Runs page
is open on it in a window of 1440 x 900, and the server's processor time is read before and after ``--seconds``. Beside
it stands the same share with no page open. ``record`` times what a worker does with each epoch: the line in
metrics.jsonl and, twice a second, the status. Results go to benchmarks/results/polling.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))

from benchmarks.browser import chromium, server  # noqa: E402  after the path is set
from tests.browser import prepared, steps  # noqa: E402

FINISHED = 8
EPOCHS_BEFORE = 200
RECORDS = 20_000
SETTLE_SECONDS = 10
TRAINING = {
    "training.epochs": 100_000,
    "training.patience": None,
    "training.batch_size": 8,
    "training.validation_share": 0.1,
}
VIEWS = ("Loss terms", "Replay")


def watching(seconds: float) -> dict[str, float]:
    """Share of a core, in per cent, that the server takes while nobody looks, and while the page shows a live run."""
    from core.runs.launch import launch

    with server(HOME / "app.py") as running:
        os.environ["CELLDESK_WORKSPACE"] = str(running.workspace)
        project = _project(running.workspace)
        run = project.new_run()
        launch(run)
        _until(lambda: len(run.epochs()) > 2)
        process = psutil.Process(running.pid)
        found = {"finished_runs": FINISHED, "nobody_looks_percent": _share(process, seconds / 4)}
        with chromium() as open_page:
            watched = open_page(steps.address(running, "runs", project.root.name))
            watched.page.get_by_role("heading", name="Total loss").wait_for(timeout=steps.MINUTE)
            for view in VIEWS:
                word = watched.page.get_by_test_id("stMain").get_by_text(view, exact=True).first
                if word.count():
                    word.click()
                time.sleep(SETTLE_SECONDS)
                before = len(run.epochs())
                name = view.lower().replace(" ", "_")
                found[f"{name}_percent"] = _share(process, seconds)
                found[f"{name}_epochs"] = len(run.epochs()) - before
            watched.assert_clean()
        run.request_stop()
        _until(lambda: not run.status.active)
    return found


def record(_: float) -> dict[str, float]:
    """Milliseconds from an epoch's end to its record on the disk: median, 99th percentile and mean."""
    from core.recipes import recipe
    from core.runs.run import Run
    from core.tasks.progress import Progress

    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(Path(folder) / "run", recipe("cell_identity_code").spec)
        progress = Progress(run)
        taken = np.empty(RECORDS)
        for number in range(RECORDS):
            made = _epoch(number + 1)
            began = time.perf_counter()
            progress.epoch(made, RECORDS)
            taken[number] = time.perf_counter() - began
        assert len(run.epochs()) == RECORDS
    milliseconds = 1000 * taken
    return {
        "records": RECORDS,
        "median_ms": float(np.median(milliseconds)),
        "p99_ms": float(np.quantile(milliseconds, 0.99)),
        "mean_ms": float(milliseconds.mean()),
    }


PARTS = {"server": watching, "record": record}


def _project(workspace: Path):
    """The demonstration with finished runs of some length, and a draft that trains on and on."""
    files = prepared.demo_files(workspace / "files")
    project = prepared.project_of(workspace, "Demo", {name: files[name] for name in ("reference", "gene_sets")})
    (first,) = prepared.train(project, {"pathway_autoencoder": {"training.epochs": 3}}, workspace)
    with first.metrics_path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(_epoch(number + 1)) + "\n" for number in range(EPOCHS_BEFORE))
    for number in range(2, FINISHED + 1):
        copy = first.directory.with_name(f"run-{number:04d}")
        shutil.copytree(first.directory, copy)
        spec = json.loads((copy / "run.json").read_text())
        spec["name"], spec["training"]["learning_rate"] = f"Run {number}", 1e-3 / number
        (copy / "run.json").write_text(json.dumps(spec))
    project.edit(lambda draft: prepared.with_recipe(draft, "pathway_autoencoder", TRAINING))
    return project


def _epoch(number: int) -> dict:
    """The record of an epoch as a network with two terms, a code of 64 units and a class head writes it."""
    values = {name: 1.0 / number for name in ("loss", "reconstruction", "classes", "accuracy", "macro_f1")}
    return {
        "stage": "",
        "member": 0,
        "number": number,
        "train": values,
        "validation": values,
        "seconds": 0.1,
        "cells_per_second": 12_345.678,
        "learning_rate": 1e-3,
        "gradient_norm": 0.1234,
        "units": {"silent": [3, 4], "saturated": []},
        "best": True,
        "waited": 0,
        "notes": [],
    }


def _share(process: psutil.Process, seconds: float) -> float:
    """Processor time of ``process`` over ``seconds`` in per cent of one core."""
    before, began = process.cpu_times(), time.monotonic()
    time.sleep(seconds)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return 100 * used / (time.monotonic() - began)


def _until(met, seconds: float = 120) -> None:
    began = time.monotonic()
    while not met():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.2)


def main() -> None:
    """Measure what was asked for and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    path = HOME / "benchmarks" / "results" / "polling.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for name in options.only:
        load = os.getloadavg()[0]
        found = {key: round(value, 4) for key, value in PARTS[name](options.seconds).items()}
        results[name] = {**found, "load_before": round(load, 1), "processors": os.cpu_count()}
        print(name, results[name], flush=True)
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
