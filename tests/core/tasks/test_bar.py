"""A run's progress in a terminal and in a file."""

from __future__ import annotations

import io

import pytest

from core.tasks.bar import Bar

RECORDS = [{"number": number, "train": {"loss": 1 / number}, "validation": None} for number in (1, 2, 3)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("echo", "epochs"), [(Terminal(), 3), (io.StringIO(), 1)])
def test_epochs_are_written_over_in_a_terminal_and_only_the_last_goes_to_a_file(echo, epochs):
    bar = Bar(echo)
    bar.say("Training")
    for record in RECORDS:
        bar.epoch(record, 3)
    bar.say("Writing")
    written = echo.getvalue()
    assert written.count("epoch ") == epochs and "epoch 3 of 3, loss 0.3333" in written
    assert written.startswith("Training\n") and written.endswith("\nWriting\n")
