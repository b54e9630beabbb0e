"""Other programs: their end, their stop, their last words."""

from __future__ import annotations

import os
import sys
import time

from core.processes import finish, last_words


def _finish(tmp_path, code, stopping=lambda: False, **further):
    log = tmp_path / "log.txt"
    with log.open("wb") as file:
        return finish([sys.executable, "-c", code], file, stopping, **further), log


def test_the_status_and_the_last_line_are_told(tmp_path):
    status, log = _finish(tmp_path, "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)")
    assert (status, last_words(log)) == (3, "two")


def test_a_silent_program_has_no_message(tmp_path):
    status, log = _finish(tmp_path, "pass")
    assert (status, last_words(log)) == (0, "no message")


def test_a_stop_ends_it(tmp_path):
    began = time.monotonic()
    status, _ = _finish(tmp_path, "import time; time.sleep(60)", lambda: True)
    assert status is None
    assert time.monotonic() - began < 30


def test_it_works_where_and_with_what_it_is_given(tmp_path):
    code = "import os; print(os.getcwd(), os.environ['CELL'])"
    status, log = _finish(tmp_path, code, folder=tmp_path, environment={**os.environ, "CELL": "B"})
    assert (status, last_words(log)) == (0, f"{os.path.realpath(tmp_path)} B")
