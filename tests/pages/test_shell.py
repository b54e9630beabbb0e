from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import registry

SHELL = registry.PAGES / "shell.py"
CPU_SECONDS = 2.0

COST = """
import sys, time
from streamlit.testing.v1 import AppTest
test = AppTest.from_file({shell!r}, default_timeout=60).run()
import plotly
assert not test.exception, test.exception
heavy = [name for name in ("torch", "scanpy", "anndata", "umap", "sklearn") if name in sys.modules]
print(time.process_time(), *heavy)
"""


def test_the_first_page_stands_without_an_error():
    test = AppTest.from_file(str(SHELL), default_timeout=60).run()
    assert not test.exception


def test_the_first_page_costs_little_and_imports_nothing_heavy():
    code = COST.format(shell=str(SHELL))
    done = subprocess.run([sys.executable, "-c", code], cwd=registry.ROOT, capture_output=True, text=True, check=True)
    seconds, *heavy = done.stdout.split()
    assert not heavy and float(seconds) <= CPU_SECONDS


@pytest.mark.parametrize("name", [page.name for page in registry.present() if page.name != "home"])
def test_without_a_project_every_page_keeps_its_header_and_leads_home(name: str, workspace: Path):
    test = AppTest.from_file(str(SHELL), default_timeout=60).run()
    test.switch_page(str(registry.page(name).file)).run()
    said = " ".join(block.proto.body for block in test.get("html"))
    assert not test.exception and f"<h1>{registry.page(name).title}</h1>" in said
    assert "No project is open" in said and "on the Home page" in said
    assert [link.proto.page for link in test.get("page_link")] == [""]
