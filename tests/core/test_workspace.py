from pathlib import Path

import pytest

from core.errors import ProjectError
from core.files import write_json
from core.workspace import slug, worker_environment, workspace


def test_the_environment_overrides_the_default_workspace(workspace, monkeypatch):
    from core.workspace import workspace as current

    assert current().root == workspace.resolve()
    monkeypatch.delenv("CELLDESK_WORKSPACE")
    assert current().root == Path.home() / ".celldesk"


def test_a_name_becomes_a_folder_name():
    assert slug("PBMC: lab meeting / 2") == "pbmc-lab-meeting-2"
    with pytest.raises(ProjectError, match="needs a name"):
        slug("//")


def test_two_projects_of_one_name_lie_side_by_side():
    first = workspace().new_folder("Kidney")
    write_json(first / "project.json", {})
    assert workspace().new_folder("Kidney").name == "kidney-2"


def test_workers_keep_to_their_threads():
    environment = worker_environment(3)
    assert environment["OMP_NUM_THREADS"] == environment["NUMBA_NUM_THREADS"] == "3"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert path.read_text() == '{\n "a": 1\n}'
    assert list(tmp_path.iterdir()) == [path]
