"""The choice of a machine or a cluster, with a real cluster whose only CPU is taken."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.tasks.admit import admit_demo
from pages.ui import registry
from tests.pages.explore.conftest import finished, finished_folder  # noqa: F401  fixtures

SHELL = str(registry.PAGES / "shell.py")


def opened() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=90).run().switch_page(str(registry.PAGES / "train/runs.py")).run()


def words(test: AppTest) -> str:
    return " ".join(block.proto.body for block in test.get("html"))


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_a_run_is_queued_on_the_chosen_partition_and_taken_out_again(workspace):
    project = Project.create("Demo", recipe("deepscore").spec)
    admit_demo(str(project.root))
    test = opened()
    where = test.selectbox("where-to-run")
    assert where.options == ["This machine", "SLURM: short"]
    where.select("SLURM: short").run()
    test.button("run-start").click().run()
    assert not test.exception
    run = project.runs()[0]
    assert run.status.job
    assert run.status.state == "queued"
    assert "waits in SLURM" in words(test)

    test.run().button("run-stop").click().run()
    assert not test.exception
    assert run.status.state == "stopped"


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_a_run_of_a_trained_model_is_queued_there_as_well(finished: Project, look):  # noqa: F811
    test = look(finished, "models")
    test.selectbox("where-to-run").select("SLURM: short").run()
    test.button("models-start").click().run(timeout=120)
    assert not test.exception
    run = finished.runs()[0]
    assert run.spec.data.model is not None
    assert run.status.job and run.status.state == "queued"
    assert "waits in SLURM" in words(test)

    test = look(finished, "runs").button("run-stop").click().run()
    assert not test.exception
    assert run.status.state == "stopped"
