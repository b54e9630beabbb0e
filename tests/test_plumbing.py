"""Promises of the project as a whole: pinned packages, links that lead somewhere, layers kept by the pages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==([\w.]+)$")


def _pins(name: str) -> dict[str, str]:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [PIN.match(line) for line in wanted]
    assert all(found), [line for line, match in zip(wanted, found, strict=True) if not match]
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_to_what_is_installed(name):
    for package, wanted in _pins(name).items():
        assert version(package).split("+")[0] == wanted, package


def test_the_versions_that_were_asked_for():
    pins = _pins("requirements.txt")
    assert {name: pins[name] for name in ("torch", "streamlit", "plotly")} == {
        "torch": "2.13.0",
        "streamlit": "1.67.0",
        "plotly": "7.1.0",
    }


def _documents() -> list[Path]:
    folders = [ROOT, ROOT / "docs", ROOT / "tests", ROOT / "assets", ROOT / "benchmarks"]
    return sorted({path for folder in folders for path in folder.glob("*.md" if folder == ROOT else "**/*.md")})


@pytest.mark.parametrize("document", _documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_in_documents_lead_to_files_that_are_there(document):
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", link):
            assert (document.parent / link.split("#")[0]).exists(), link


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_core_knows_neither_streamlit_nor_pages(path):
    assert not _imports(path) & {"streamlit", "pages"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_hold_no_tensors_or_tables(path):
    forbidden = {"torch", "anndata", "scanpy"}
    if (ROOT / "pages" / "ui") not in path.parents:
        forbidden |= {"numpy", "pandas", "plotly"}
    assert not _imports(path) & forbidden


def test_torch_and_its_kin_wait_until_they_are_used():
    heavy = {"torch", "scanpy", "anndata", "umap", "numba", "sklearn", "streamlit"}
    modules = ["core.specs", "core.recipes", "core.project", "core.runs", "core.cli"]
    modules += [
        f"core.{package}.{path.stem}"
        for package in ("figures", "export")
        for path in (ROOT / "core" / package).glob("[a-z]*.py")
    ]
    code = f"import sys, importlib\nfor name in {modules}: importlib.import_module(name)\n"
    code += f"print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_ci_entry_runs_all_tests():
    entry = (ROOT / ".ci" / "run").read_text()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert entry.rstrip().endswith("make test")
