"""Files that cannot be used, brought by the upload control: one message in three parts, and the app goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.demo import write_demo
from core.project import Project
from core.recipes import recipe
from tests import wrong_files
from tests.browser import steps
from tests.browser.conftest import APP, Server
from tests.browser.steps import settled, upload

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(serve) -> Server:
    return serve(APP)


@pytest.fixture
def project(desk: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("CELLDESK_WORKSPACE", str(desk.workspace))
    return Project.create("Wrong files", recipe("deepscore").spec)


def prose_as_sets(folder: Path) -> Path:
    path = folder / "hallmark.gmt"
    path.write_text("Dear colleague, please find the gene sets attached.\n")
    return path


@pytest.mark.parametrize(
    ("role", "make"),
    [
        ("reference", lambda folder: wrong_files.png_called_h5ad(folder).path),
        ("reference", lambda folder: wrong_files.nan_values(folder).path),
        ("query", lambda folder: wrong_files.truncated_h5ad(folder).path),
        ("gene_sets", prose_as_sets),
    ],
    ids=["a picture called h5ad", "missing values", "half a file", "a letter called gmt"],
)
def test_a_wrong_file_is_refused_in_three_parts_and_the_next_one_is_read(
    role: str, make, desk: Server, project: Project, tmp_path: Path, look
):
    watched = look(steps.address(desk, "data", project.root.name))
    page = watched.page
    settled(page)
    path = make(tmp_path)
    upload(page, role, path)
    alert = page.get_by_role("alert").first
    alert.wait_for(timeout=steps.MINUTE)
    what, *got, remedy = [line for line in alert.inner_text().splitlines() if line.strip()][1:]  # behind the icon
    assert what.endswith(".") and remedy.endswith(".")
    assert got[0].startswith("Got ") if got else path.name in what
    assert "Traceback" not in alert.inner_text()
    assert getattr(project.draft.data, role) is None

    page.reload()
    settled(page)
    upload(page, "reference", write_demo(tmp_path / "demo")["reference"])
    page.get_by_text("cell types", exact=True).first.wait_for(timeout=steps.MINUTE)
    settled(page)
    assert project.draft.data.reference is not None
    assert not steps.exceptions(watched)
    watched.assert_clean()
