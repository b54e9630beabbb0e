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
    with worker.only_writer(run), pytest.raises(RunError, match="Another worker writes this run"):
        worker.execute(run)


def test_the_command_line_of_the_worker_exits_with_2_after_a_mistake(run, capsys):
    assert worker.main([str(run.directory)]) == 2
    assert "needs a reference" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_stopped_before_its_first_epoch_shows_no_results(tmp_path):
    from core.data.demo import write_demo
    from core.specs import replaced

    demo = write_demo(tmp_path / "demo")
    spec = replaced(recipe("funnel_autoencoder").spec, "data.reference", {"path": str(demo["reference"])})
    run = Run.create(tmp_path / "stopped", spec)
    run.request_stop()
    worker.execute(run)
    assert run.status.state == "stopped"
    assert not run.summary and not run.model_path.exists()
    assert "before there was anything to keep" in run.status.notes[-1]


@pytest.mark.slow
def test_labels_of_a_stopped_run_are_calibrated_by_networks_that_learned_as_long(tmp_path, monkeypatch):
    from core.data.demo import write_demo
    from core.specs import replaced

    demo = write_demo(tmp_path / "demo")
    spec = recipe("deepscore").spec
    for path, value in {
        "data.reference": {"path": str(demo["reference"]), "label_column": "cell_type"},
        "data.query": {"path": str(demo["query"])},
        "features.target": 200,
        "training.patience": None,
    }.items():
        spec = replaced(spec, path, value)
    run = Run.create(tmp_path / "stopped", spec)
    append = Run.append

    def append_and_stop(self, record):
        append(self, record)
        if not record["stage"] and record["number"] == 3:
            self.request_stop()

    monkeypatch.setattr(Run, "append", append_and_stop)
    worker.execute(run)
    assert run.status.state == "stopped"
    last = {stage: max(e["number"] for e in run.epochs() if e["stage"] == stage) for stage in ("", "fold 1", "fold 3")}
    assert last == {"": 3, "fold 1": 3, "fold 3": 3}
    assert run.summary["calibration"]["temperature"] > 0


@pytest.mark.slow
def test_a_run_that_only_trains_leaves_its_checkpoint_and_is_finished_when_resumed(tmp_path):
    from core.data.demo import write_demo
    from core.specs import replaced_all

    demo = write_demo(tmp_path / "demo")
    settings = {"data.reference": {"path": str(demo["reference"])}, "features.target": 100, "training.epochs": 2}
    run = Run.create(tmp_path / "trial", replaced_all(recipe("funnel_autoencoder").spec, settings))
    worker.execute(run, training_only=True)
    assert run.status.state == "stopped" and list(run.status.notes) == [worker.TRAINED]
    assert len(run.epochs()) == 2 and list(run.checkpoint.iterdir()) and not run.model_path.exists()
    worker.execute(run)
    assert run.status.state == "finished" and run.summary["epochs"] == [2]
    assert len(run.metrics_path.read_text().splitlines()) == 2  # no epoch was trained again
