import pytest

from core.errors import DataError, RunError
from core.recipes import recipe
from core.runs.run import Run
from core.tasks import worker


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "run", recipe("deepscore").spec)


def test_a_run_without_data_fails_in_three_parts(run):
    with pytest.raises(DataError, match="needs a reference"):
        worker.execute(run)
    assert run.status.state == "failed"
    assert run.status.error["remedy"].startswith("Add a reference on the Data page")


def test_a_second_writer_is_refused(run):
    with worker._only_writer(run), pytest.raises(RunError, match="Another worker writes this run"):
        worker.execute(run)


def test_the_command_line_of_the_worker_exits_with_2_after_a_mistake(run, capsys):
    assert worker.main([str(run.directory)]) == 2
    assert "needs a reference" in capsys.readouterr().err
