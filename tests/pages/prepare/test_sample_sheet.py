"""A sample sheet on the Data page: brought beside bulk samples, checked, and taken away again."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.demo import write_demo
from core.project import Project
from tests.pages.prepare.conftest import Open, words
from tests.pages.prepare.test_data import read_by_path

pytestmark = pytest.mark.slow


def test_a_sheet_is_brought_checked_and_removed(empty: Project, opened: Open, tmp_path: Path):
    paths = write_demo(tmp_path / "demo")
    page = opened(empty, "data")
    assert "Sample sheet" not in words(page)
    page = read_by_path(page, "bulk", paths["bulk"])
    assert "Sample sheet" in words(page) and "group, age and so on" in words(page)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sample,group\nsample_1,a\nsample_2,b\n")
    page = opened(empty, "data")
    page = read_by_path(page, "samples", sheet)
    assert not page.exception and empty.draft.data.samples == str(sheet)
    assert "sheet.csv, 1 column" in words(page)
    key = next(button.key for button in page.button if str(button.key).startswith("remove-samples"))
    page.button(key=key).click().run()
    assert not page.exception and empty.draft.data.samples is None


def test_a_sheet_of_other_samples_is_refused_in_three_parts(empty: Project, opened: Open, tmp_path: Path):
    paths = write_demo(tmp_path / "demo")
    page = read_by_path(opened(empty, "data"), "bulk", paths["bulk"])
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sample,group\nx,a\ny,b\n")
    page = read_by_path(opened(empty, "data"), "samples", sheet)
    said = words(page)
    assert "names none of the bulk samples" in said and "sample_1" in said
    assert empty.draft.data.samples is None
