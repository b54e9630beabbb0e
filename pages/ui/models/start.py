"""From the chosen model and files to a run."""

from __future__ import annotations

from core.model_header import ModelHeader
from core.project import Project
from core.runs.run import Run
from core.specs import AnnotateSpec, DeconvolveSpec, replaced
from core.tasks.model_files import ModelFile
from core.tasks.with_model import applied_spec, left_open
from pages.ui import session
from pages.ui.models.files import Brought
from pages.ui.runs import where


def start(
    project: Project, file: ModelFile, header: ModelHeader, brought: Brought, analysis: AnnotateSpec | DeconvolveSpec
) -> None:
    """Start a run that uses the model on what is ``brought``, and go to the page that watches it."""

    def begin() -> Run:
        asked = header.spec.model_copy(update={"analysis": analysis})
        spec = applied_spec(header, file.source, brought.data, left_open(asked))
        # a model from a larger machine would ask for more threads than there are here
        run = project.new_run(replaced(spec, "training.threads", project.draft.training.threads))
        where.start(run)
        session.choose_run(run)
        return run

    if session.attempt(begin) is not None:
        session.go("runs")
