from __future__ import annotations

import pytest

from core.errors import DataError, RunError
from pages.ui import background


def test_a_function_of_core_answers_from_another_process():
    assert background.call("core.workspace:slug", name="PBMC lab meeting") == "pbmc-lab-meeting"


def test_its_error_comes_back_in_three_parts():
    from core.errors import ProjectError

    with pytest.raises(ProjectError, match="A project needs a name") as raised:
        background.call("core.workspace:slug", name="...")
    assert raised.value.value == "..." and raised.value.remedy


def test_a_process_that_breaks_off_says_so():
    with pytest.raises(RunError, match="broke off"):
        background.call("core.workspace:no_such_function")


def test_a_process_that_takes_too_long_is_ended():
    with pytest.raises(RunError, match="too long"):
        background.call("time:sleep", timeout=0.01)


def test_an_error_is_rebuilt_by_kind():
    problem = background.rebuilt({"kind": "DataError", "what": "No cells.", "value": "0", "remedy": "Bring some."})
    assert isinstance(problem, DataError) and str(problem) == "No cells. Got 0. Bring some."
