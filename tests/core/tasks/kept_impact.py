"""Impact of the finished run of the tests, computed and read back."""

from __future__ import annotations

from pathlib import Path

from core.project import Project
from core.specs import ImpactSpec, parse
from core.tasks import impact_step
from core.tasks.impact_step import Impact


def kept(project: Project, sets: Path, first: str = "", second: str = "", **settings: object) -> Impact:
    """The impact that the project holds after it was computed with ``settings`` of `ImpactSpec`."""
    asked = parse(ImpactSpec, settings)
    impact_step.compute(str(project.root), "run-0001", str(sets), first, second, asked.model_dump())
    found = impact_step.stored(project, project.run("run-0001"), sets, first, second, asked)
    assert found is not None
    return found
