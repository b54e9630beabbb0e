"""Which results of a project are current, stale or missing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.data.wording import counted
from core.project import Project
from core.runs.run import Run
from core.specs import ROLES, DeconvolveSpec, RunSpec, SourceSpec, Spec
from core.specs.several import files

OF_THE_MODEL = ("reference", "more_references", "types", "bridge")
"""Parts of the data that a run made from a model file does not look at: the model brings what was learned from them."""
BESIDE = ("samples",)
"""Parts of the data that no number of a run depends on."""
StepName = Literal["current", "stale", "missing"]


@dataclass(frozen=True)
class StepState:
    """One line of "where the project stands"."""

    title: str
    detail: str
    state: StepName
    page: str
    because: str = ""


def steps(project: Project) -> list[StepState]:
    """Every step of the project in the order of the pages."""
    draft, runs = project.draft, project.runs()
    trained = [run for run in runs if run.spec.data.model is None]
    sources = [source for role in ROLES for source in files(draft.data, role)]
    return [
        StepState(
            "Data and quality",
            f"{len(sources)} {'set' if len(sources) == 1 else 'sets'}" if sources else "no file yet",
            "current" if sources else "missing",
            "data",
        ),
        _features(project, draft),
        _of_runs("Network and run", trained, draft, ("represent", "annotate", "deconvolve"), "runs"),
        _of_runs("Embedding", runs, draft, ("represent", "annotate"), "embedding"),
        _of_runs("Labels", runs, draft, ("annotate",), "annotation"),
        _of_runs("Composition", runs, draft, ("deconvolve",), "composition"),
        _of_runs("Evaluation", runs, draft, ("evaluate",), "evaluation"),
    ]


def features_key(project: Project, draft: RunSpec) -> str:
    """The key of the gene search: its settings and the files and cells it looks at."""
    data = draft.data
    further: list[Any] = []
    if data.more_references or data.more_bulk:
        apart = isinstance(draft.analysis, DeconvolveSpec) and draft.analysis.each_reference
        further = [data.more_references, data.more_bulk, data.types, apart]
    return project.key(
        "features",
        data.reference,
        data.query,
        data.bulk,
        data.bridge,
        data.gene_sets,
        data.quality,
        data.peaks,
        draft.features,
        draft.task,
        *further,
    )


def newest(runs: list[Run], *tasks: str) -> Run | None:
    """The newest run of ``tasks`` that has results."""
    done = (run for run in runs if run.spec.task in tasks and run.status.state in ("finished", "stopped"))
    return next((run for run in done if run.summary), None)


def staleness(spec: RunSpec, draft: RunSpec) -> str:
    """What has changed in ``draft`` since a run of ``spec``, in words; empty where nothing that matters has.

    Data and quality matter to every run; network, objective and training only to runs of the same recipe. A run that
    names a trained model and its query depends on nothing that a draft says.
    """
    if spec.data.model is not None:
        return ""
    draft = draft.model_copy(update={"data": _as_used(spec, draft)})
    parts = ["data"]
    if spec.recipe == draft.recipe:
        parts += ["features", "network", "objective", "training", "seed"]
    for part in parts:
        change = _first_difference(getattr(spec, part), getattr(draft, part), part)
        if change and not (part == "data" and spec.recipe != draft.recipe and change.startswith("data.transform")):
            return change
    return ""


def renewed(spec: RunSpec, draft: RunSpec) -> RunSpec:
    """A run of ``spec`` once more, with what ``draft`` says now about all that ``staleness`` compares."""
    if spec.data.model is not None:
        return spec
    if spec.recipe == draft.recipe:
        parts = ("data", "features", "network", "objective", "training", "seed")
        return spec.model_copy(update={part: getattr(draft, part) for part in parts})
    data = draft.data.model_copy(update={"transform": spec.data.transform})
    return spec.model_copy(update={"data": data})


def _as_used(spec: RunSpec, draft: RunSpec) -> Spec:
    """The draft's data, with what a run of ``spec`` does not look at left as the run has it."""
    unseen = (*spec.unopened, *BESIDE)
    if spec.task == "annotate" and spec.data.reference is None and spec.data.query is not None:
        unseen = (*unseen, *OF_THE_MODEL)
    same = {name: getattr(spec.data, name) for name in unseen}
    return draft.data.model_copy(update=same)


def _features(project: Project, draft: RunSpec) -> StepState:
    if draft.data.reference is None:
        return StepState("Features", "needs a reference", "missing", "features")
    found = project.stored("features", features_key(project, draft))
    if found:
        count = (found / "genes.txt").read_text().count("\n")
        return StepState("Features", f"{count:,} genes", "current", "features")
    older = list((project.root / "results" / "features").glob("[!.]*"))
    state: StepName = "stale" if older else "missing"
    return StepState("Features", "not searched with these settings", state, "features", "the settings changed")


def _of_runs(title: str, runs: list[Run], draft: RunSpec, tasks: tuple[str, ...], page: str) -> StepState:
    run = newest(runs, *tasks)
    if run is None:
        return StepState(title, "not made yet", "missing", page)
    because = staleness(run.spec, draft)
    return StepState(title, run.name, "stale" if because else "current", page, because)


def _first_difference(old: Any, new: Any, path: str) -> str:
    if isinstance(old, Spec) and isinstance(new, Spec) and type(old) is type(new):
        for name in type(old).model_fields:
            change = _first_difference(getattr(old, name), getattr(new, name), f"{path}.{name}")
            if change:
                return change
        return ""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        changes = (
            _first_difference(one, other, f"{path}.{at}") for at, (one, other) in enumerate(zip(old, new, strict=True))
        )
        return next(filter(None, changes), "")
    return "" if old == new else f"{path} changed from {_short(old)} to {_short(new)}"


def _short(value: Any) -> str:
    if isinstance(value, SourceSpec):
        value = value.path
    if isinstance(value, Spec):
        return "other settings"
    if isinstance(value, tuple):
        return counted(len(value), "entry", "entries")
    return "nothing" if value in (None, "") else str(value).rsplit("/", 1)[-1]
