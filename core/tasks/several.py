"""Several files of one role in a project's draft: put, renamed and removed, in step with the names of cell types."""

from __future__ import annotations

from core.errors import DataError
from core.project import Project
from core.specs import Role, SourceSpec
from core.specs.several import distinctly_named, files, with_files
from core.tasks import check, common_types


def put(project: Project, role: Role, at: int, source: SourceSpec) -> None:
    """Make ``source`` the file number ``at`` of ``role``; one behind the last is added, under a name of its own.

    Raises
    ------
    DataError
        If the project has not so many files, or another one has this name.
    """
    now = files(project.draft.data, role)
    if at > len(now):
        raise DataError(f"There is no file number {at + 1} of the {role}", len(now), f"Add the {role} first")
    if at == len(now):
        source = distinctly_named((*now, source))[-1]
    _keep(project, role, (*now[:at], source, *now[at + 1 :]))


def rename(project: Project, role: Role, at: int, name: str) -> None:
    """Call the file number ``at`` of ``role`` by ``name``; by its file's own name where that is empty.

    Raises
    ------
    DataError
        If another file has this name.
    """
    now = files(project.draft.data, role)
    named = now[at].model_copy(update={"name": name.strip()})
    _keep(project, role, (*now[:at], named, *now[at + 1 :]))


def remove(project: Project, role: Role, at: int = 0) -> None:
    """Take the file number ``at`` of ``role`` out of the project; those behind it move up."""
    now = files(project.draft.data, role)
    _keep(project, role, (*now[:at], *now[at + 1 :]))


def _keep(project: Project, role: Role, sources: tuple[SourceSpec, ...]) -> None:
    names = [source.called for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"Two files of the {role} have one name", twice, "Give each a name of its own")
    before = files(project.draft.data, role)
    project.edit(lambda draft: draft.model_copy(update={"data": with_files(draft.data, role, sources)}))
    if role == "reference":
        old = {source.path: source.called for source in before}
        # a file that is there twice keeps what its first name had
        common_types.follow(project, {old[one.path]: one.called for one in reversed(sources) if one.path in old})
    check.when_described(project)
