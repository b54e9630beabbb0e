"""A recipe taken over into a draft: its settings, with the draft's own data."""

from __future__ import annotations

from core.recipes.catalogue import RECIPES
from core.recipes.recipe import Recipe
from core.specs import (
    ANALYSES,
    ClassSpec,
    ObjectiveSpec,
    ProportionSpec,
    ReconstructionSpec,
    RunSpec,
    Task,
    TransformSpec,
    parse,
)


def adopted(draft: RunSpec, recipe: Recipe, task: Task | str | None = None) -> RunSpec:
    """``draft`` with all that ``recipe`` says; files, quality limits and seed stay the draft's.

    Parameters
    ----------
    draft
        The settings of the next run.
    recipe
        Gives transform, features, network, objective, training and analysis.
    task
        One of the recipe's tasks; its first where none is given.

    Raises
    ------
    SpecError
        If the recipe does not serve ``task``.
    """
    spec = recipe.for_task(task or recipe.spec.task)
    taken = {name: getattr(spec, name) for name in ("recipe", "features", "network", "objective", "training")}
    data = draft.data.model_copy(update={"transform": spec.data.transform})
    return parse(RunSpec, draft.model_copy(update={**taken, "data": data, "analysis": spec.analysis}))


def with_task(draft: RunSpec, task: Task | str) -> RunSpec:
    """``draft`` doing another task: with the heads that the task needs, and without those it cannot train.

    TF-IDF, which mixtures of cells do not have, gives way to the usual logarithm, and so does scaling by each cell's
    own range, from which no gene can be rebuilt.

    The analysis settings come from the draft's recipe where that serves the task, else they are the defaults.

    Raises
    ------
    SpecError
        If the result does not fit together.
    """
    began = RECIPES.get(draft.recipe)
    analysis = began.for_task(task).analysis if began and task in began.tasks else ANALYSES[task]()
    objective, data = _with_heads(draft.objective, task), draft.data
    transform = data.transform
    if (task == "deconvolve" and transform.normalise == "tfidf") or (
        objective.reconstruction and transform.scale == "sample_minmax"
    ):
        data = data.model_copy(update={"transform": TransformSpec()})
    return parse(RunSpec, draft.model_copy(update={"objective": objective, "analysis": analysis, "data": data}))


def _with_heads(objective: ObjectiveSpec, task: str) -> ObjectiveSpec:
    heads = {
        "reconstruction": objective.reconstruction,
        "classes": objective.classes,
        "proportions": objective.proportions if task == "deconvolve" else None,
    }
    if task == "annotate":
        heads["classes"] = objective.classes or ClassSpec()
    elif task == "deconvolve":
        heads["proportions"] = objective.proportions or ProportionSpec()
    elif task == "evaluate" or not any(heads.values()):
        heads["reconstruction"] = objective.reconstruction or ReconstructionSpec()
    return objective.model_copy(update=heads)
