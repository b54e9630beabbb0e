"""Data, as a person brings several references and bulk files, names them, and gives their labels common names."""

from __future__ import annotations

import json
from pathlib import Path

import anndata
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data.join import read_types
from core.project import Project
from core.specs.several import files
from core.tasks import check, common_types
from tests.pages.prepare.conftest import Open, words


def add_another(test: AppTest, kind: str, path: object) -> AppTest:
    box = next(box for box in test.text_input if (box.key or "").startswith(f"path-of-{kind}-"))
    box.set_value(str(path))
    return next(button for button in test.button if button.form_id.startswith(f"form-{kind}-")).click().run(timeout=120)


def listed(test: AppTest, name: str) -> list[list[str]]:
    """The rows of the table whose first cell in some row is ``name``."""
    sent = [json.loads(part.proto.json) for part in test.get("bidi_component")]
    found = [[row["cells"] for row in each["rows"]] for each in sent if "rows" in each]
    return next(rows for rows in found if name in [row[0] for row in rows])


def name_box(test: AppTest):
    return next(box for box in test.text_input if box.label == "Name")


@pytest.fixture
def second_bulk(demo: Project, tmp_path: Path) -> Path:
    bulk = demo.draft.data.bulk
    assert bulk is not None
    table = pd.read_csv(bulk.path, index_col=0).iloc[:, :2].set_axis(pd.Index(["one", "two"]), axis=1)
    table.to_csv(tmp_path / "late.csv")
    return tmp_path / "late.csv"


@pytest.fixture
def second_reference(demo: Project, tmp_path: Path) -> Path:
    """The demonstration's reference once more, its types in small letters and one of them under another name."""
    reference = demo.draft.data.reference
    assert reference is not None
    cells = anndata.read_h5ad(reference.path)
    lower = cells.obs["cell_type"].astype(str).str.lower()
    cells.obs = pd.DataFrame({"cell_type": lower.replace("dendritic", "dc")}, index=cells.obs_names)
    cells.write_h5ad(tmp_path / "study.h5ad")
    return tmp_path / "study.h5ad"


def test_another_bulk_file_is_listed_named_read_anew_and_removed(demo: Project, opened: Open, second_bulk: Path):
    test = add_another(opened(demo, "data"), "more_bulk", second_bulk)
    assert not test.exception
    first, second = files(demo.draft.data, "bulk")
    assert second.path == str(second_bulk) and len(second.fingerprint) == 16
    assert listed(test, "late")[1][:2] == ["late", "2"]
    found = check.stored(demo, demo.draft.data)
    assert found is not None
    assert any("late and reference share" in one.what for one in found.report.findings)
    next(box for box in test.segmented_control if box.label == "Set").set_value("bulk").run()
    assert name_box(test).value == first.called
    name_box(test).set_value("early").run()
    assert not test.exception and files(demo.draft.data, "bulk")[0].name == "early"
    name_box(test).set_value("late").run()
    assert "Two files of the bulk have one name" in words(test)
    assert files(demo.draft.data, "bulk")[0].called == "early"
    unit = next(box for box in test.selectbox if box.label == "Unit")
    unit.set_value("linear").run()
    assert not test.exception and files(demo.draft.data, "bulk")[0].unit == "linear"
    next(button for button in test.button if (button.key or "").startswith("remove-bulk-0-")).click().run()
    assert not test.exception
    assert [source.called for source in files(demo.draft.data, "bulk")] == ["late"]


def test_another_reference_gets_common_names_without_a_file_written_by_hand(
    demo: Project, opened: Open, second_reference: Path
):
    test = opened(demo, "data")
    test.selectbox(key="path-kind-0").set_value("more_references")
    test.text_input(key="path-of-path-0").set_value(str(second_reference))
    next(button for button in test.button if button.form_id == "form-path-0").click().run(timeout=120)
    assert not test.exception
    assert [source.label_column for source in files(demo.draft.data, "reference")] == ["cell_type"] * 2
    assert listed(test, "study")[1][0] == "study"
    found = check.stored(demo, demo.draft.data)
    assert found is not None
    alike = found.report.find("types_alike")
    assert alike is not None and alike.kind == "choose"
    next(button for button in test.button if button.label == "Common types").click().run()
    assert not test.exception and test.button(key="common-types-use").label == "Use these names"
    common_types.keep(demo, common_types.table(demo))  # a run of the whole page, as here, would close the dialog
    test = opened(demo, "data")
    path = demo.draft.data.types
    assert path is not None and Path(path).is_relative_to(demo.root)
    rows = read_types(Path(path)).set_index(["reference", "label"])["cell_type"]
    assert rows["study", "cd56+ nk"] == "CD56+ NK" and rows["study", "dc"] == "dc"
    found = check.stored(demo, demo.draft.data)
    assert found is not None and found.report.find("types_alike") is None
    alone = found.report.find("types_alone")
    assert alone is not None and "dc" in alone.items
    name_box(test).set_value("study 1").run()
    assert set(read_types(Path(str(demo.draft.data.types)))["reference"]) == {"study 1", "study"}


def test_one_more_file_cannot_be_added_where_there_is_none(empty: Project, opened: Open):
    test = opened(empty, "data")
    assert test.selectbox(key="path-kind-0").options[-1] == "Trained model"
    assert not [box for box in test.text_input if (box.key or "").startswith("path-of-more_")]
